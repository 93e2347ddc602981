import orjson
import pytest
from onnx import TensorProto, helper

from serving import onnx_models
from stillroom.serving.model import Model
from stillroom.serving.parity import ParityError, check, record
from stillroom.table.signature import METADATA_KEY, Signature
from table.tables import inputs

ROWS = [{"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"}, {"hour": None, "carrier": "unseen"}]


@pytest.mark.parametrize("onnx", [onnx_models.binary(), onnx_models.multiclass()])
def test_a_model_repeats_its_own_record(onnx: bytes) -> None:
    recorded = record(Model(onnx), ROWS)

    assert orjson.loads(recorded)["rows"] == ROWS
    check(Model(onnx), recorded, tolerance=1e-9)


def test_a_model_that_predicts_otherwise_is_found_out() -> None:
    recorded = record(Model(onnx_models.binary()), ROWS)

    with pytest.raises(ParityError, match=r"^it differs from its recorded predictions by \S+, allowed \S+$"):
        check(Model(onnx_models.binary(seed=8)), recorded, tolerance=0.01)


def test_the_tolerance_is_in_parts_of_the_largest_prediction() -> None:
    model = Model(onnx_models.regression())
    sample = orjson.loads(record(model, [{"distance": 1000.0}, {"distance": 10.0}]))
    largest = max(map(abs, sample["predictions"]))
    sample["predictions"][1] += largest * 0.009
    check(model, orjson.dumps(sample), tolerance=0.01)

    sample["predictions"][1] += largest * 0.002
    with pytest.raises(ParityError):
        check(model, orjson.dumps(sample), tolerance=0.01)


def test_predictions_in_another_shape_are_refused() -> None:
    recorded = orjson.dumps({"rows": ROWS, "predictions": [0.5, 0.5]})

    with pytest.raises(ParityError, match=r"answers its sample in the shape \(2, 3\), recorded \(2,\)"):
        check(Model(onnx_models.multiclass()), recorded, tolerance=1.0)


@pytest.mark.parametrize(
    ("operator", "sentence"),
    [("Log", "predictions that are not finite numbers"), ("Exp", r"answers 2 rows in the shape \(2, 1\), expected")],
)
def test_a_model_without_a_record_must_answer_blank_rows_soundly(operator: str, sentence: str) -> None:
    check(Model(onnx_models.binary()), None, tolerance=0.01)

    with pytest.raises(ParityError, match=sentence):
        check(Model(unsound(operator)), None, tolerance=0.01)


def unsound(operator: str) -> bytes:
    """Log of 0 is no finite number; without Squeeze there is a dimension too many."""
    nodes = [
        helper.make_node("IsNaN", ["hour"], ["missing"]),
        helper.make_node("Where", ["missing", "zero", "hour"], ["filled"]),
        helper.make_node(operator, ["filled"], ["column"]),
        helper.make_node("Squeeze", ["column", "axis"], ["prediction"])
        if operator == "Log"
        else helper.make_node("Identity", ["column"], ["prediction"]),
    ]
    hour = helper.make_tensor_value_info("hour", TensorProto.FLOAT, ["batch", 1])
    prediction = helper.make_tensor_value_info("prediction", TensorProto.FLOAT, None)
    fixed = [
        helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
    ]
    graph = helper.make_graph(nodes, "unsound", [hour], [prediction], fixed)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    entry = model.metadata_props.add()
    entry.key = METADATA_KEY
    entry.value = Signature(table="t", task="regression", target="y", inputs=inputs(["hour"])).model_dump_json()
    return model.SerializeToString()
