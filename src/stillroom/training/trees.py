"""LightGBM on the same columns and split: the yardstick, and a teacher where it is declared one."""

from typing import Any

import lightgbm

from stillroom.table.encoding import Encoded, Encoding
from stillroom.table.spec import Declared
from stillroom.training.matrix import coded_columns, matrix

OBJECTIVE = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}
METRIC = {"binary": "auc", "multiclass": "multi_logloss", "regression": "rmse"}


class TreesConfig(Declared):
    """LightGBM's parameters, under its own names; a leaf never needs more than a twentieth of the rows."""

    num_leaves: int = 63
    learning_rate: float = 0.05
    min_data_in_leaf: int = 100
    feature_fraction: float = 0.8
    max_rounds: int = 500
    patience: int = 30
    threads: int = 2


def fit_trees(
    train: Encoded, validation: Encoded, encoding: Encoding, config: TreesConfig, seed: int
) -> lightgbm.Booster:
    """Fit on encoded rows, categories native, stopped early on the validation rows."""
    task = encoding.target.task
    parameters: dict[str, Any] = {
        **config.model_dump(exclude={"max_rounds", "patience", "threads"}),
        "min_data_in_leaf": min(config.min_data_in_leaf, max(len(train["target"]) // 20, 1)),
        "objective": OBJECTIVE[task],
        "metric": METRIC[task],
        "num_threads": config.threads,
        "seed": seed,
        "deterministic": True,
        "verbosity": -1,
    }
    if task == "multiclass":
        parameters["num_class"] = encoding.target.outputs
    data = lightgbm.Dataset(
        matrix(train), train["target"], categorical_feature=coded_columns(train, encoding), free_raw_data=True
    )
    held_out = lightgbm.Dataset(matrix(validation), validation["target"], reference=data)
    stop = lightgbm.early_stopping(config.patience, verbose=False)
    return lightgbm.train(parameters, data, config.max_rounds, valid_sets=[held_out], callbacks=[stop])
