"""Rows that the tests of the JSON protocols send, and what the models say of them."""

import base64

import numpy as np
from onnx import TensorProto, helper

from stillroom.serving.model import Model, as_columns
from stillroom.table.inputs import ImageInput
from stillroom.table.inputs.pictures import png
from stillroom.table.signature import METADATA_KEY, Signature
from table.tables import inputs

NAMES = ["distance", "hour", "carrier", "origin"]
ROWS = [
    {"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"},
    {"distance": None, "hour": 9, "carrier": "unseen", "origin": None},
    {"distance": -1.25, "hour": 23, "carrier": "DL", "origin": "EWR"},
]
LISTS = [[row[name] for name in NAMES] for row in ROWS]
COLUMNS = {name: [row[name] for row in ROWS] for name in NAMES}
NUMBERS = [0.5, -2.0, 4.25]
LEVELS = [10, 200]
PICTURES = [base64.b64encode(png(np.full((2, 2, 1), level, np.uint8))).decode() for level in LEVELS]


def expected(onnx: bytes) -> np.ndarray:
    """Float32 predictions for ROWS, by the model itself."""
    model = Model(onnx)
    table = {name: np.array(values, dtype=object) for name, values in COLUMNS.items()}
    return model.predict(as_columns(model.signature, table))


def doubling() -> bytes:
    """A model of one number, which it doubles."""
    number = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1])
    nodes = [
        helper.make_node("Add", ["x", "x"], ["twice"]),
        helper.make_node("ReduceMean", ["twice"], ["prediction"], axes=[1], keepdims=0),
    ]
    return _model(Signature(table="t", task="regression", target="y", inputs=inputs(["x"])), number, nodes)


def brightness() -> bytes:
    """A model of one picture of 2 x 2 pixels, which answers their mean level."""
    declared = ImageInput(name="picture", height=2, width=2, channels=1)
    picture = helper.make_tensor_value_info("picture", TensorProto.UINT8, ["batch", 2, 2, 1])
    nodes = [
        helper.make_node("Cast", ["picture"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["levels"], ["prediction"], axes=[1, 2, 3], keepdims=0),
    ]
    return _model(Signature(table="t", task="regression", target="y", inputs=[declared]), picture, nodes)


def _model(signature: Signature, given, nodes: list) -> bytes:
    prediction = helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["batch"])
    graph = helper.make_graph(nodes, "graph", [given], [prediction])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, signature.model_dump_json()
    return model.SerializeToString()
