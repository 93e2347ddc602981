import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from compression import broken
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.export import export
from stillroom.compression.gate import open_session
from stillroom.compression.measure import measure, predict
from stillroom.runtime.session import CPU
from stillroom.table.encoding import feeds
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network
from table.tables import inputs
from training import small


def slow() -> onnx.ModelProto:
    """The right answers by a long way round: many large products first."""
    model = broken.right()
    size = 120
    model.graph.initializer.append(helper.make_tensor("square", TensorProto.FLOAT, [size, size], [0.0] * size**2))
    model.graph.initializer.append(helper.make_tensor("line", TensorProto.FLOAT, [1, size], [1.0] * size))
    model.graph.initializer.append(helper.make_tensor("column", TensorProto.FLOAT, [size, 1], [0.0] * size))
    way = [helper.make_node("MatMul", ["a", "line"], ["w0"])]
    way += [helper.make_node("MatMul", [f"w{i}", "square"], [f"w{i + 1}"]) for i in range(20)]
    way += [
        helper.make_node("MatMul", ["w20", "column"], ["nothing"]),
        helper.make_node("Add", ["a", "nothing"], ["a2"]),
    ]
    model.graph.node[0].input[0] = "a2"
    for node in reversed(way):
        model.graph.node.insert(0, node)
    return model


def test_candidates_are_measured_on_the_same_rows() -> None:
    models = {"quick": broken.right(), "slow": slow(), "wrong": broken.wrong()}
    target = broken.EXPECTED

    measured, predictions = measure(
        models, broken.FEEDS, target, "regression", {"wrong": "quick"}, 100, BudgetConfig(batch_size=500)
    )

    assert [m.name for m in measured] == list(predictions) == list(models)
    quick, late, wrong = measured
    assert quick.metrics["rmse"] == 0
    assert wrong.metrics["rmse"] == pytest.approx(0.01, rel=1e-2)
    np.testing.assert_allclose(predictions["slow"], target)
    assert quick.size_kb == len(models["quick"].SerializeToString()) / 1000
    assert late.size_kb > 50
    assert [m.source for m in measured] == [None, None, "quick"]
    assert late.many.median_us > 3 * quick.many.median_us
    for m in measured:
        assert 0 < m.single.median_us <= m.single.p99_us
        assert (m.single.rows, m.single.runs) == (1, 100)
        assert (m.many.rows, m.many.runs) == (500, 6)
        assert m.single.low_us <= m.single.median_us <= m.single.high_us
        assert m.many.median_us > 0.5 * m.single.median_us


def test_candidates_are_measured_on_the_declared_provider_or_else_the_cpu() -> None:
    assert "CUDAExecutionProvider" not in onnxruntime.get_available_providers()
    for provider in ("AzureExecutionProvider", "CUDAExecutionProvider"):
        budget = BudgetConfig(provider=provider, batch_size=1)
        (m,), _ = measure({"m": broken.right()}, broken.FEEDS, broken.EXPECTED, "regression", {}, 10, budget)
        assert m.provider == (provider if provider in onnxruntime.get_available_providers() else CPU)


def test_a_batch_of_one_row_is_timed_once() -> None:
    budget = BudgetConfig(batch_size=1)
    (alone,), _ = measure({"m": broken.right()}, broken.FEEDS, broken.EXPECTED, "regression", {}, 10, budget)
    assert alone.many is alone.single
    assert alone.latencies == [alone.single]


def test_text_is_bound_as_well_as_numbers() -> None:
    encoding = small.encoding("binary")
    columns = {"inputs": inputs(small.NUMERIC, small.CATEGORICAL)}
    signature = Signature(table="small", task="binary", target="target", **columns)
    model = export(build_network(small.model(), encoding, seed=1), encoding, signature)
    rows = small.table("binary", 30)
    measured, _ = measure(
        {"mlp": model}, feeds(rows, encoding), rows["target"].to_numpy(), "binary", {}, 10, BudgetConfig()
    )
    assert 0 < measured[0].single.median_us < measured[0].many.median_us


def test_predictions_do_not_depend_on_the_batches() -> None:
    session = open_session(broken.right())
    np.testing.assert_array_equal(predict(session, broken.FEEDS, batch=7), predict(session, broken.FEEDS))
