from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from stillroom.compression.export import signature_of, with_signature
from stillroom.compression.quantisation.candidates import QuantisationRows, quantise_all
from stillroom.compression.quantisation.trial import QuantisationTrials
from stillroom.table.errors import InputError
from stillroom.table.signature import Signature
from training import small

from .networks import METHODS, config, exported, rows, with_an_outlier


@pytest.fixture(scope="module")
def student() -> onnx.ModelProto:
    return exported("mlp")


def quantised(
    model: onnx.ModelProto, given: QuantisationRows | None = None, **changes: Any
) -> tuple[dict[str, onnx.ModelProto], QuantisationTrials]:
    return quantise_all({"student": model}, config(**changes), given or rows(model), "binary")


def test_every_way_of_an_mlp_gives_a_smaller_model_whose_loss_and_difference_are_told(student: onnx.ModelProto) -> None:
    made, found = quantised(student)

    assert list(made) == [trial.name for trial in found.trials] == [f"student_{method}" for method in METHODS]
    assert found.metric == "roc_auc"
    assert found.validation_rows == 200
    assert [(reference.name, reference.score) for reference in found.references] == [("student", 1.0)]
    for trial in found.trials:
        model = made[trial.name]
        assert len(model.SerializeToString()) < 0.7 * len(student.SerializeToString())
        assert trial.outcome == "made"
        assert trial.size_kb is not None
        assert trial.size_kb < 0.7 * found.references[0].size_kb
        assert trial.loss is not None
        assert 0 < trial.loss < 0.01
        assert trial.score == pytest.approx(1 - trial.loss)
        assert 0 < found.differences[trial.name] < 0.05
        assert trial.operators == ["body/hidden/0", "body/hidden/3", "body/head"]
        assert signature_of(model).candidate == trial.name
        assert signature_of(model).source == trial.source == "student"
        assert signature_of(model).columns == [*small.NUMERIC, *small.CATEGORICAL]
        assert {opset.domain for opset in model.opset_import} == {"", "ai.onnx.ml"}
        assert any(t.data_type in (TensorProto.INT8, TensorProto.UINT8) for t in model.graph.initializer)


@pytest.mark.parametrize("name", ["tabm", "ft_transformer"])
def test_every_way_of_another_network_runs_or_says_why_not(name: str) -> None:
    made, found = quantised(exported(name, (128,)))
    assert [trial.name for trial in found.trials] == [f"student_{method}" for method in METHODS]
    for trial in found.trials:
        assert (trial.outcome == "made") == (trial.name in made)
        assert trial.outcome == "made" or len(found.not_made[trial.name]) > 10
    assert made, "at least one way suits it"


def test_what_loses_too_much_keeps_its_sensitive_operator_in_float_and_passes_the_gate() -> None:
    model = exported("mlp", change=with_an_outlier)
    made, found = quantised(model, max_loss=0.02)
    for trial in found.trials:
        assert trial.excluded == ["body/hidden/3"]
        assert trial.told == "made, with 1 of 3 operators in float"
        assert trial.sensitivities[0].operator == "body/hidden/3"
        assert trial.name in made


def test_a_way_that_fails_is_told_and_the_others_go_on(student: onnx.ModelProto) -> None:
    usual = rows(student)
    nothing = {name: values[:0] for name, values in usual.calibration.items()}
    made, found = quantised(student, QuantisationRows(nothing, usual.validation, usual.target, usual.parity))
    assert list(made) == ["student_dynamic"]
    assert found.not_made["student_static_qdq"].startswith("could not be made: ")
    assert [trial.outcome for trial in found.trials] == ["made", "failed", "failed"]


def test_a_way_that_loads_and_fails_when_run_is_told() -> None:
    made, found = quantised(exported("tabm", (128,)), methods=["dynamic"], per_channel=True)
    assert made == {}
    assert "zero point" in found.not_made["student_dynamic"] or "ONNXRuntimeError" in found.not_made["student_dynamic"]


def test_int8_that_is_no_smaller_ends_at_float32(student: onnx.ModelProto) -> None:
    made, found = quantised(exported("mlp", (4,)))
    assert made == {}
    for told in found.not_made.values():
        assert told.startswith("stays float32: the int8 file would be ")
        assert "no smaller than float32's" in told


def test_a_model_without_an_operator_to_quantise_ends_at_float32() -> None:
    graph = helper.make_graph(
        [
            helper.make_node("Sigmoid", ["height"], ["row"]),
            helper.make_node("Squeeze", ["row", "axis"], ["prediction"]),
        ],
        "none",
        [helper.make_tensor_value_info("height", TensorProto.FLOAT, ["batch", 1])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["batch"])],
        [helper.make_tensor("axis", TensorProto.INT64, [1], [1])],
    )
    plain = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    model = with_signature(plain, Signature(table="small", task="binary", target="target", inputs=[]))
    numbers = {"height": np.linspace(-2, 2, 20, dtype=np.float32)[:, None]}
    given = QuantisationRows(numbers, numbers, (numbers["height"][:, 0] > 0).astype(float), numbers)
    _, found = quantised(model, given)
    assert found.not_made == {
        f"student_{method}": f"stays float32: it has no operator that the {method} way quantises" for method in METHODS
    }


def test_validation_rows_of_one_class_cannot_judge(student: onnx.ModelProto) -> None:
    usual = rows(student)
    with pytest.raises(InputError, match="the validation split does not define roc_auc"):
        quantised(student, QuantisationRows(usual.calibration, usual.validation, usual.target * 0, usual.parity))


def test_the_record_outlives_its_json(student: onnx.ModelProto) -> None:
    _, found = quantised(exported("mlp", change=with_an_outlier), max_loss=0.02)
    assert QuantisationTrials.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"max_loss": -1}, "max_loss"),
        ({"calibration": "max"}, "calibration"),
        ({"per_channel": "no way"}, "per_channel"),
    ],
)
def test_what_cannot_be_declared_is_refused(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        config(**wrong)
