import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from serving import onnx_models
from stillroom.runtime.session import LEVELS, Tuning
from stillroom.serving.model import Model, as_columns
from stillroom.table.signature import METADATA_KEY, Signature
from table.tables import inputs

TABLE = {
    "distance": np.array([1.0, np.nan, 3.0]),
    "hour": np.array([7, 8, 9]),
    "carrier": np.array(["UA", None, "unseen"], dtype=object),
    "origin": np.array([7, True, np.nan], dtype=object),
}


def test_arrays_become_the_models_columns() -> None:
    columns = as_columns(Model(onnx_models.binary()).signature, TABLE)

    np.testing.assert_array_equal(columns["distance"], np.array([[1.0], [np.nan], [3.0]], np.float32))
    assert columns["hour"].dtype == np.float32
    assert columns["carrier"].tolist() == [["UA"], [""], ["unseen"]]
    assert columns["origin"].tolist() == [["7"], ["true"], [""]]


def test_a_column_that_the_table_lacks_is_missing() -> None:
    columns = as_columns(Model(onnx_models.binary()).signature, {"hour": np.array([1.0, 2.0])})

    assert np.isnan(columns["distance"]).all()
    assert columns["carrier"].tolist() == [[""], [""]]


@pytest.mark.parametrize(
    ("onnx", "shape"),
    [(onnx_models.binary(), (3,)), (onnx_models.multiclass(), (3, 3)), (onnx_models.regression(), (3,))],
)
def test_predictions_are_onnx_runtimes_own(onnx: bytes, shape: tuple[int, ...]) -> None:
    model = Model(onnx)
    columns = as_columns(model.signature, TABLE)

    predictions = model.predict(columns)

    assert predictions.shape == shape
    assert predictions.dtype == np.float32
    np.testing.assert_array_equal(predictions, ort.InferenceSession(onnx).run(None, columns)[0])
    assert len(np.unique(predictions)) > 1


def test_a_foreign_onnx_file_is_refused() -> None:
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["prediction"])],
        "foreign",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["batch", 1])],
    )
    foreign = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)

    with pytest.raises(ValueError, match="was not exported by Stillroom"):
        Model(foreign.SerializeToString())

    entry = foreign.metadata_props.add()
    entry.key = METADATA_KEY
    entry.value = Signature(table="t", task="binary", target="y", inputs=inputs(["z"])).model_dump_json()
    with pytest.raises(ValueError, match="differ in: x, z"):
        Model(foreign.SerializeToString())


@pytest.mark.parametrize("tuning", [Tuning(), Tuning("off", memory_arena=False, memory_pattern=False, spinning=False)])
def test_the_declared_session_options_are_those_of_the_session_and_change_no_prediction(tuning: Tuning) -> None:
    model = Model(onnx_models.binary(), tuning=tuning)

    options = model._session.get_session_options()
    given = (LEVELS[tuning.graph_optimization], tuning.memory_arena, tuning.memory_pattern)
    assert (options.graph_optimization_level, options.enable_cpu_mem_arena, options.enable_mem_pattern) == given
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == str(int(tuning.spinning))
    columns = as_columns(model.signature, {"hour": np.array([7.0, 9.0])})
    np.testing.assert_allclose(model.predict(columns), Model(onnx_models.binary()).predict(columns), rtol=1e-6)
