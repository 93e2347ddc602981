"""Categories looked up before the graph: the codes are those that the graph's own encoders give."""

import numpy as np
import onnx
import polars as pl
import pytest
from onnx import helper

from scoring.tables import ROWS
from serving import onnx_models
from stillroom.runtime.session import open_session
from stillroom.scoring.vocabularies import take_out
from stillroom.table.categorical import CategoricalColumn
from stillroom.table.inputs import CategoricalInput


def encoded(graph: onnx.ModelProto, column: str, texts: np.ndarray) -> np.ndarray:
    """What the graph's own encoder says of texts."""
    encoder = next(node for node in graph.graph.node if node.input[0] == column and node.op_type == "LabelEncoder")
    alone = helper.make_model(
        helper.make_graph(
            [encoder],
            "alone",
            [each for each in graph.graph.input if each.name == column],
            [helper.make_tensor_value_info(encoder.output[0], onnx.TensorProto.FLOAT, ["batch", 1])],
        ),
        opset_imports=graph.opset_import,
        ir_version=graph.ir_version,
    )
    return open_session(alone.SerializeToString()).run(None, {column: texts})[0]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("carrier", ROWS["carrier"]),
        ("carrier", ROWS["carrier"].cast(pl.Categorical)),
        ("origin", ROWS["origin"]),
        ("origin", pl.Series([True, False, None, True])),
        ("origin", pl.Series(["7", "JFK", "jfk", None])),
        ("carrier", pl.Series([], dtype=pl.String)),
    ],
)
def test_the_codes_are_those_of_the_graph_s_own_encoder(column: str, values: pl.Series) -> None:
    graph = onnx.load_model_from_string(onnx_models.binary())
    expected = encoded(graph, column, CategoricalInput(name=column).array(CategoricalColumn.raw(values)))

    vocabulary = take_out(graph)[column]

    ready = values.to_frame("text").select(vocabulary.expression(pl.col("text"), values.dtype))["text"]
    found = vocabulary.batch(vocabulary.whole(ready))
    np.testing.assert_array_equal(found, expected)
    assert (found.dtype, found.shape) == (expected.dtype, (len(values), 1))


def test_a_graph_takes_codes_once_its_encoders_are_out() -> None:
    graph = onnx.load_model_from_string(onnx_models.binary())

    assert set(take_out(graph)) == set(onnx_models.CATEGORICAL)

    onnx.checker.check_model(graph)
    assert {each.type.tensor_type.elem_type for each in graph.graph.input} == {onnx.TensorProto.FLOAT}
    assert "LabelEncoder" not in {node.op_type for node in graph.graph.node}


def test_a_text_that_goes_elsewhere_too_stays_text() -> None:
    graph = onnx.load_model_from_string(onnx_models.binary())
    graph.graph.node.append(helper.make_node("Identity", ["carrier"], ["as_it_came"]))

    assert set(take_out(graph)) == {"origin"}
    assert [node.input[0] for node in graph.graph.node if node.op_type == "LabelEncoder"] == ["carrier"]
