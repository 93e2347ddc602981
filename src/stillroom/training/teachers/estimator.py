"""Any scikit-learn-style estimator as a teacher, kept by skops."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import polars as pl
import skops.io

from stillroom.table.encoding import Encoding, encode
from stillroom.table.errors import InputError
from stillroom.training.fit import Recipe, Rows
from stillroom.training.matrix import coded_columns, matrix
from stillroom.training.settings import ModelConfig, Target
from stillroom.training.teachers.base import Teacher

FILE = "estimator.skops"
MOST_CATEGORIES = 255  # of a column that scikit-learn's histogram trees take as categorical
# What scikit-learn's and LightGBM's estimators are made of beside what skops itself trusts.
TRUSTED = (
    "collections.OrderedDict",
    "functools.partial",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils.validation.check_array",
)


class EstimatorTeacher(Teacher):
    """A fitted estimator over the flat matrix: NaN is missing, categories are codes."""

    KIND = "estimator"

    def __init__(self, estimator: Any):
        self.estimator, self.history = estimator, []

    @classmethod
    def train(cls, model: ModelConfig, rows: Rows, recipe: Recipe) -> Self:
        """Fit on the training rows; the seed becomes its random_state, where it has one."""
        assert model.estimator is not None
        encoded, task = encode(rows.train, rows.encoding), rows.encoding.target.task
        inputs, target = matrix(encoded), encoded["target"]
        estimator, name = _build(model.estimator, inputs, coded_columns(encoded, rows.encoding)), model.estimator.path
        if "random_state" in getattr(estimator, "get_params", dict)() and estimator.random_state is None:
            estimator.set_params(random_state=recipe.seed)
        if task != "regression" and not hasattr(estimator, "predict_proba"):
            raise InputError(
                f"model: {name} has no predict_proba, and a student learns from probabilities: choose an estimator "
                "that has, or wrap it in sklearn.calibration.CalibratedClassifierCV"
            )
        try:
            estimator.fit(inputs, target if task == "regression" else target.astype(int))
        except Exception as error:
            raise InputError(f"model: {name} cannot be fitted: {' '.join(str(error).split())[:300]}") from error
        return cls(estimator)

    def prepared(self, rows: pl.DataFrame, encoding: Encoding) -> Callable[[], np.ndarray]:
        inputs, target = matrix(encode(rows.lazy(), encoding)), encoding.target
        if target.task == "regression":
            return lambda: np.asarray(self.estimator.predict(inputs), dtype=np.float32).reshape(-1)
        # A fold may lack a class: its probability is 0.
        known = np.asarray(self.estimator.classes_).astype(int)

        def probabilities() -> np.ndarray:
            answers = np.zeros((len(inputs), len(target.classes)), np.float32)
            answers[:, known] = self.estimator.predict_proba(inputs)
            return answers if target.task == "multiclass" else answers[:, 1]

        return probabilities

    def files(self) -> dict[str, bytes]:
        return {FILE: skops.io.dumps(self.estimator)}

    @classmethod
    def restored(cls, files: dict[str, bytes], trusted: Sequence[str]) -> Self:
        known = {*TRUSTED, *trusted}
        strange = sorted(set(skops.io.get_untrusted_types(data=files[FILE])) - known)
        if strange:
            raise ValueError(
                f"it holds {', '.join(strange)}, which are not trusted: name them under `trusted` in the catalog if "
                "you know where it comes from"
            )
        return cls(skops.io.loads(files[FILE], trusted=sorted(known)))


def _build(declared: Target, inputs: np.ndarray, coded: list[int]) -> Any:
    """The estimator, told which columns are categories where its constructor asks for `categorical_features`."""
    few = [column for column in coded if inputs[:, column].max(initial=0) < MOST_CATEGORIES]
    given = {"categorical_features": few} if few else {}
    return declared.build_with(given)
