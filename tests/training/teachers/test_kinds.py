"""Every kind of teacher on every task: it learns, is kept without a pickle, and teaches a student."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
from onnx import TensorProto, helper

from stillroom.compression.distil import Teaching, learn, soft_labels
from stillroom.compression.export import export
from stillroom.compression.folds import OutOfFoldConfig, with_folds
from stillroom.datasets.files import UnreadableError
from stillroom.datasets.teacher import TeacherDataset
from stillroom.models.ensemble import Ensemble
from stillroom.table.encoding import encode, feeds
from stillroom.table.errors import InputError
from stillroom.table.metrics import main_score
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network, fit, predict
from stillroom.training.settings import ModelConfig
from stillroom.training.teachers.base import Teacher
from stillroom.training.teachers.kinds import train
from training import small

TREES = {"max_rounds": 40, "threads": 1, "min_data_in_leaf": 10, "learning_rate": 0.1}
KINDS = ["network", "trees", "estimator", "onnx", "ensemble"]


def exported(task: str, folder: Path) -> onnx.ModelProto:
    """A network of Stillroom's own, trained and exported: raw columns by name."""
    data = small.rows(task)
    network = fit(build_network(small.model(), data.encoding, seed=7), data, small.recipe(folder, max_epochs=8)).network
    classes = data.encoding.target.classes if task == "multiclass" else None
    inputs = [c.input for c in data.encoding.columns]
    return export(
        network, data.encoding, Signature(table="small", task=task, target="target", classes=classes, inputs=inputs)
    )


def declared(kind: str, task: str, folder: Path) -> ModelConfig:
    """One of each kind; the ONNX file is one that was trained before."""
    if kind == "onnx":
        (folder / "teacher.onnx").write_bytes(exported(task, folder).SerializeToString())
    boosted = "HistGradientBoostingRegressor" if task == "regression" else "HistGradientBoostingClassifier"
    kinds: dict[str, Any] = {
        "network": small.NETWORKS["mlp"],
        "trees": TREES,
        "estimator": {"_target_": f"sklearn.ensemble.{boosted}", "max_iter": 40},
        "onnx": str(folder / "teacher.onnx"),
        "ensemble": [{"network": small.NETWORKS["mlp"]}, {"trees": TREES}],
    }
    return ModelConfig.model_validate({kind: kinds[kind]})


def trained(model: ModelConfig, task: str, folder: Path) -> Teacher:
    return train(model, small.rows(task), small.recipe(folder, max_epochs=8))


def gain(task: str, answers: np.ndarray) -> float:
    """How much better the answers are than chance, of how much there is: AUC, accuracy, or explained variance."""
    target = encode(small.rows(task).validation, small.encoding(task))["target"]
    figure = main_score(task, target, answers)
    if task == "regression":
        return 1 - (figure / target.std()) ** 2
    return 2 * figure - 1 if task == "binary" else 1.5 * figure - 0.5


@pytest.mark.parametrize("task", small.TASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_teacher_learns_and_says_the_same_when_it_comes_back(kind: str, task: str, tmp_path: Path) -> None:
    data = small.rows(task)
    teacher = trained(declared(kind, task, tmp_path), task, tmp_path)
    answers = teacher.predict(data.validation, data.encoding)
    assert answers.shape == ((200, 3) if task == "multiclass" else (200,))
    assert answers.dtype == np.float32
    assert gain(task, answers) > 0.3

    kept = TeacherDataset(filepath=str(tmp_path / "teacher.zip"))
    kept.save(teacher)
    loaded = kept.load()

    np.testing.assert_allclose(loaded.predict(data.validation, data.encoding), answers, atol=1e-6 * abs(answers).max())
    assert loaded.history == teacher.history
    assert (loaded.network(data.encoding) is not None) == (kind == "network")


@pytest.mark.parametrize("task", small.TASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_student_of_any_teacher_beats_one_that_is_taught_nonsense(kind: str, task: str, tmp_path: Path) -> None:
    data = small.rows(task)
    model = declared(kind, task, tmp_path)
    config = OutOfFoldConfig(teachers=["model"], folds=2, max_epochs=8)
    teaching = Teaching(data.validation, data.encoding, model, small.recipe(tmp_path), config)
    labels = soft_labels(with_folds(data.train, small.spec(task), config, seed=0), teaching)
    nonsense = labels.with_columns(labels.drop("stillroom_row").sample(fraction=1, shuffle=True, seed=0))
    gains = []
    for given in (labels, nonsense):
        network = build_network(small.model(), data.encoding, seed=3)
        recipe = small.recipe(tmp_path, soft_weight=1.0, max_epochs=8, patience=8)
        fitted = learn(network, data.train, given.lazy(), data.validation, data.encoding, recipe)
        gains.append(gain(task, predict(fitted.network, encode(data.validation, data.encoding))))
    assert gains[0] > max(0.3, gains[1] + 0.2)


def test_an_ensemble_of_networks_is_a_network_that_can_be_exported(tmp_path: Path) -> None:
    data = small.rows("multiclass")
    pair = ModelConfig.model_validate({"ensemble": [{"network": small.NETWORKS[name]} for name in ("mlp", "tabm")]})
    teacher = train(pair, data, small.recipe(tmp_path, max_epochs=1))
    network = teacher.network(data.encoding)
    assert isinstance(network, Ensemble)
    answers = teacher.predict(data.validation, data.encoding)
    apart = [member.predict(data.validation, data.encoding) for member in teacher.members]
    np.testing.assert_allclose(answers, np.mean(apart, axis=0), atol=1e-6)
    assert np.abs(apart[0] - apart[1]).max() > 0.01
    signature = Signature(
        table="s", task="multiclass", target="target", inputs=[c.input for c in data.encoding.columns]
    )
    (tmp_path / "both.onnx").write_bytes(export(network, data.encoding, signature).SerializeToString())
    file = trained(ModelConfig(onnx=str(tmp_path / "both.onnx")), "multiclass", tmp_path)
    np.testing.assert_allclose(file.predict(data.validation, data.encoding), answers, atol=1e-5)


def test_lightgbms_own_estimator_teaches_too(tmp_path: Path) -> None:
    data = small.rows("binary")
    model = ModelConfig.model_validate(
        {"estimator": {"_target_": "lightgbm.LGBMClassifier", "n_estimators": 20, "n_jobs": 1, "verbose": -1}}
    )
    teacher = trained(model, "binary", tmp_path)
    kept = TeacherDataset(filepath=str(tmp_path / "teacher.zip"))
    kept.save(teacher)
    answers = kept.load().predict(data.validation, data.encoding)
    np.testing.assert_array_equal(answers, teacher.predict(data.validation, data.encoding))
    assert gain("binary", answers) > 0.3


def test_categories_are_told_to_an_estimator_that_asks_for_them(tmp_path: Path) -> None:
    teacher = trained(declared("estimator", "binary", tmp_path), "binary", tmp_path)
    assert teacher.estimator.is_categorical_.tolist() == [False, False, False, True, True]


def test_a_class_that_no_row_has_gets_probability_0(tmp_path: Path) -> None:
    data = small.rows("multiclass")
    two = type(data)(data.train.filter(pl.col("target") != "middle"), data.validation, data.encoding)
    answers = train(declared("estimator", "multiclass", tmp_path), two, small.recipe(tmp_path)).predict(
        data.validation, data.encoding
    )
    assert (answers[:, 1] == 0).all()
    np.testing.assert_allclose(answers.sum(1), 1, atol=1e-5)


def test_an_estimator_without_probabilities_is_refused(tmp_path: Path) -> None:
    model = ModelConfig.model_validate({"estimator": {"_target_": "sklearn.svm.LinearSVC"}})
    with pytest.raises(InputError, match=r"sklearn.svm.LinearSVC has no predict_proba.*CalibratedClassifierCV"):
        trained(model, "binary", tmp_path)


def test_an_estimator_that_cannot_take_missing_values_is_named(tmp_path: Path) -> None:
    model = ModelConfig.model_validate({"estimator": {"_target_": "sklearn.linear_model.LogisticRegression"}})
    with pytest.raises(InputError, match=r"sklearn.linear_model.LogisticRegression cannot be fitted: .*NaN"):
        trained(model, "binary", tmp_path)


def test_a_pipeline_is_an_estimator(tmp_path: Path) -> None:
    steps = [{"_target_": "sklearn.impute.SimpleImputer"}, {"_target_": "sklearn.linear_model.LogisticRegression"}]
    model = ModelConfig.model_validate({"estimator": {"_target_": "sklearn.pipeline.make_pipeline", "_args_": steps}})
    teacher = trained(model, "binary", tmp_path)
    assert gain("binary", teacher.predict(small.rows("binary").validation, small.encoding("binary"))) > 0.3


class Strange:
    """An estimator of the user's own."""

    classes_ = np.array([0, 1])

    def fit(self, inputs: np.ndarray, target: np.ndarray) -> None:
        self.share = float(target.mean())

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        return np.tile([1 - self.share, self.share], (len(inputs), 1))


def test_a_file_with_a_type_that_is_not_trusted_is_refused_until_it_is_named(tmp_path: Path) -> None:
    data = small.rows("binary")
    name = f"{Strange.__module__}.Strange"
    teacher = trained(ModelConfig.model_validate({"estimator": {"_target_": name}}), "binary", tmp_path)
    path = str(tmp_path / "teacher.zip")
    TeacherDataset(filepath=path).save(teacher)
    with pytest.raises(UnreadableError, match=rf"it holds {name}, which are not trusted: name them under `trusted`"):
        TeacherDataset(filepath=path).load()
    answers = TeacherDataset(filepath=path, trusted=[name]).load().predict(data.validation, data.encoding)
    np.testing.assert_allclose(answers, 0.5, atol=0.01)


def test_half_a_teacher_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "teacher.zip"
    TeacherDataset(filepath=str(path)).save(trained(declared("trees", "binary", tmp_path), "binary", tmp_path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableError, match=r"teacher\.zip cannot be read"):
        TeacherDataset(filepath=str(path)).load()


def linear(inputs: list[tuple[str, int, int]], outputs: list[tuple[str, int, list[Any]]]) -> onnx.ModelProto:
    """A graph that adds up its first input's columns, and answers that in the shapes that are asked for."""
    name = inputs[0][0]
    ones = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    nodes = [
        helper.make_node("Where", ["lost", "zero", name], ["known"]),
        helper.make_node("IsNaN", [name], ["lost"]),
        helper.make_node("ReduceSum", ["known", "axes"], ["sum"], keepdims=1),
        helper.make_node("Sigmoid", ["sum"], ["p"]),
    ]
    nodes = [nodes[1], nodes[0], *nodes[2:]]
    for output, kind, shape in outputs:
        if len(shape) == 1:
            nodes.append(helper.make_node("Squeeze", ["p", "axes"], [output]))
        elif kind == TensorProto.INT64:
            nodes.append(helper.make_node("Cast", ["p"], [output], to=TensorProto.INT64))
        else:
            nodes.append(helper.make_node("Concat", ["p"] * shape[1], [output], axis=1))
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info(n, kind, ["batch", width]) for n, kind, width in inputs],
        [helper.make_tensor_value_info(n, kind, shape) for n, kind, shape in outputs],
        [ones, helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def file_teacher(model: onnx.ModelProto, folder: Path, task: str = "binary") -> Teacher:
    (folder / "file.onnx").write_bytes(model.SerializeToString())
    return trained(ModelConfig(onnx=str(folder / "file.onnx")), task, folder)


FLOAT, TEXT, INTEGER = TensorProto.FLOAT, TensorProto.STRING, TensorProto.INT64


@pytest.mark.parametrize("shape", [["batch"], ["batch", 1], ["batch", 2]])
def test_a_file_may_take_one_matrix_and_answer_in_any_of_these_shapes(shape: list[Any], tmp_path: Path) -> None:
    data = small.rows("binary")
    outputs = [("label", INTEGER, ["batch", 1]), ("probabilities", FLOAT, shape)]
    answers = file_teacher(linear([("X", FLOAT, 5)], outputs), tmp_path).predict(data.validation, data.encoding)
    encoded = encode(data.validation, data.encoding)
    sums = np.nan_to_num(encoded["numeric"]).sum(1) + encoded["categorical"].sum(1)
    np.testing.assert_allclose(answers, 1 / (1 + np.exp(-sums)), atol=1e-5)


def test_a_file_may_take_some_of_the_columns_by_name(tmp_path: Path) -> None:
    data = small.rows("binary")
    teacher = file_teacher(linear([("height", FLOAT, 1)], [("p1", FLOAT, ["batch", 1])]), tmp_path)
    raw = feeds(data.validation.collect(), data.encoding)["height"][:, 0]
    answers = teacher.predict(data.validation, data.encoding)
    np.testing.assert_allclose(answers, 1 / (1 + np.exp(-np.nan_to_num(raw))), atol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "outputs", "wrong"),
    [
        ([("X", FLOAT, 4)], [("p1", FLOAT, ["batch", 1])], r"inputs \(X tensor\(float\)\['batch', 4\]\) are neither"),
        ([("X", FLOAT, 5)], [("p3", FLOAT, ["batch", 3])], r"none of its outputs \(p3 .*\) is a tensor of floats"),
        ([("X", FLOAT, 5)], [("label", INTEGER, ["batch", 1])], r"none of its outputs \(label .*zipmap"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_it_takes(
    inputs: list[Any], outputs: list[Any], wrong: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=rf"model.onnx: .*file.onnx: .*{wrong}"):
        file_teacher(linear(inputs, outputs), tmp_path)


def test_a_file_that_answers_maps_is_refused_with_what_to_do(tmp_path: Path) -> None:
    model = linear([("X", FLOAT, 5)], [("p2", FLOAT, ["batch", 2])])
    model.graph.node.append(
        helper.make_node("ZipMap", ["p2"], ["maps"], domain="ai.onnx.ml", classlabels_int64s=[0, 1])
    )
    maps = helper.make_map_type_proto(INTEGER, helper.make_tensor_type_proto(FLOAT, []))
    del model.graph.output[:]
    model.graph.output.append(helper.make_value_info("maps", helper.make_sequence_type_proto(maps)))
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 4))
    with pytest.raises(InputError, match=r"none of its outputs \(maps seq\(map.*'zipmap': False"):
        file_teacher(model, tmp_path)


def test_a_file_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"model.onnx: no/such.onnx is not there: put the file there"):
        trained(ModelConfig(onnx="no/such.onnx"), "binary", tmp_path)


def test_labels_of_a_file_come_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = small.rows("binary")
    model = declared("onnx", "binary", tmp_path)
    config = OutOfFoldConfig(teachers=["model"], folds=2, max_epochs=1)
    teaching = Teaching(data.validation, data.encoding, model, small.recipe(tmp_path), config)
    with caplog.at_level("WARNING", "stillroom.compression.distil"):
        labels = soft_labels(with_folds(data.train, small.spec("binary"), config, seed=0), teaching)
    told = [record.message for record in caplog.records if record.name == "stillroom.compression.distil"]
    assert len(told) == 1
    assert told[0].startswith(f"{tmp_path / 'teacher.onnx'} is not trained anew")
    own = trained(model, "binary", tmp_path).predict(data.train, data.encoding)
    np.testing.assert_allclose(labels["soft_target_0"].to_numpy(), own, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "teachers", "warned"),
    [("estimator", ["trees"], True), ("estimator", ["model", "trees"], False), ("network", ["trees"], False)],
)
def test_who_declares_a_teacher_that_does_not_teach_is_warned(
    kind: str, teachers: list[str], warned: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = small.rows("binary")
    config = OutOfFoldConfig.model_validate({"teachers": teachers, "folds": 2, "max_epochs": 1, "trees": TREES})
    model = declared(kind, "binary", tmp_path)
    teaching = Teaching(data.validation, data.encoding, model, small.recipe(tmp_path), config)

    with caplog.at_level("WARNING", "stillroom.compression.distil"):
        soft_labels(with_folds(data.train, small.spec("binary"), config, seed=0), teaching)

    told = [record.message for record in caplog.records if record.name == "stillroom.compression.distil"]
    assert bool(told) == warned
    assert not warned or told[0].startswith("the declared model (estimator) does not teach the student, LightGBM")
