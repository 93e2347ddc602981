import numpy as np
import onnx
import pytest

from stillroom.compression.export import export, signature_of
from stillroom.compression.quantise import Method, quantise, quantise_all
from stillroom.table.encoding import feeds
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network
from table.tables import inputs
from training import small

METHODS: list[Method] = ["dynamic", "static_qdq", "static_qoperator"]
ENCODING = small.encoding("binary")
CALIBRATION = feeds(small.table("binary", 300), ENCODING)
PARITY = feeds(small.table("binary", 50, seed=4), ENCODING)


def model(name: str, **changes) -> onnx.ModelProto:
    network = build_network(small.model(name, **changes), ENCODING, seed=1)
    columns = {"inputs": inputs(small.NUMERIC, small.CATEGORICAL)}
    return export(
        network, ENCODING, Signature(table="small", task="binary", target="target", candidate=name, **columns)
    )


@pytest.fixture(scope="module")
def student() -> onnx.ModelProto:
    return model("mlp", widths=[64, 64])


def test_every_way_of_an_mlp_gives_a_smaller_model_whose_difference_is_told(student: onnx.ModelProto) -> None:
    made, trials = quantise_all({"student": student}, METHODS, CALIBRATION, PARITY)

    assert list(made) == list(trials) == [f"student_{method}" for method in METHODS]
    for name, quantised in made.items():
        assert len(quantised.SerializeToString()) < 0.7 * len(student.SerializeToString())
        assert 0 < trials[name] < 0.05
        assert signature_of(quantised).candidate == name
        assert signature_of(quantised).columns == [*small.NUMERIC, *small.CATEGORICAL]
        assert {opset.domain for opset in quantised.opset_import} == {"", "ai.onnx.ml"}
        assert any(t.data_type in (onnx.TensorProto.INT8, onnx.TensorProto.UINT8) for t in quantised.graph.initializer)


@pytest.mark.parametrize("name", ["tabm", "ft_transformer"])
def test_every_way_of_another_network_runs_or_says_why_not(name: str) -> None:
    made, trials = quantise_all({name: model(name)}, METHODS, CALIBRATION, PARITY)
    assert list(trials) == [f"{name}_{method}" for method in METHODS]
    for trial, found in trials.items():
        assert isinstance(found, float) == (trial in made)
        assert isinstance(found, float) or len(found) > 10
    assert made, "at least one way suits it"


def test_static_ways_are_calibrated_on_the_given_rows(student: onnx.ModelProto) -> None:
    far = {**CALIBRATION, "height": CALIBRATION["height"] * 0, "year": CALIBRATION["year"] * 0 + 2012}
    usual, narrow = (quantise(student, "static_qdq", rows) for rows in (CALIBRATION, far))
    assert not isinstance(usual, str)
    assert not isinstance(narrow, str)
    scales = [
        {t.name: onnx.numpy_helper.to_array(t).tolist() for t in m.graph.initializer if t.name.endswith("_scale")}
        for m in (usual, narrow)
    ]
    assert scales[0] != scales[1]


def test_a_way_that_fails_is_told_and_the_others_go_on(student: onnx.ModelProto) -> None:
    nothing = {name: values[:0] for name, values in CALIBRATION.items()}
    made, trials = quantise_all({"student": student}, ["static_qdq", "dynamic"], nothing, PARITY)
    assert list(made) == ["student_dynamic"]
    assert isinstance(trials["student_static_qdq"], str)


def test_an_answer_that_is_not_a_number_on_the_parity_rows_is_told(student: onnx.ModelProto) -> None:
    broken = onnx.ModelProto()
    broken.CopyFrom(student)
    for tensor in broken.graph.initializer:
        if tensor.name.endswith("front.numeric.low"):
            wrong = np.full(3, np.nan, np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(wrong, tensor.name))
    made, trials = quantise_all({"student": broken}, ["dynamic"], CALIBRATION, PARITY)
    assert made == {}
    assert "not finite numbers" in str(trials["student_dynamic"])
