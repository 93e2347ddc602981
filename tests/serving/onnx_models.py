"""Small ONNX models made by hand as the contract of exported models says, for the serving tests."""

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from stillroom.table.signature import METADATA_KEY, Signature
from table.tables import inputs

NUMERIC = ["distance", "hour"]
CATEGORICAL = {"carrier": ["UA", "B6", "DL"], "origin": ["EWR", "JFK", "7", "true"]}
CLASSES = ["early", "punctual", "late"]


def binary(seed: int = 7) -> bytes:
    """Two numeric and two categorical columns, one probability."""
    return make(Signature(table="flights", task="binary", target="late", inputs=inputs(NUMERIC, CATEGORICAL)), seed)


def multiclass() -> bytes:
    """The same columns, three probabilities."""
    columns = {"inputs": inputs(NUMERIC, CATEGORICAL)}
    return make(Signature(table="wine", task="multiclass", target="cultivar", classes=CLASSES, **columns))


def regression() -> bytes:
    """Numeric columns only, one value."""
    return make(Signature(table="diabetes", task="regression", target="progression", inputs=inputs(NUMERIC)))


def make(signature: Signature, seed: int = 7) -> bytes:
    """A linear model of random weights: missing numbers count 0, unseen categories have their own code."""
    wide = len(signature.classes or ["one"])
    weights = np.random.default_rng(seed).normal(size=(len(signature.columns), wide), scale=0.5).astype(np.float32)
    numeric = [each.name for each in signature.inputs if each.kind == "numeric"]
    categorical = [each.name for each in signature.inputs if each.kind == "categorical"]
    nodes = [node for name in numeric for node in _number(name)]
    nodes += [_category(name) for name in categorical]
    nodes += [
        helper.make_node("Concat", [f"{name}_code" for name in signature.columns], ["table"], axis=1),
        helper.make_node("MatMul", ["table", "weights"], ["scores"]),
        *_head(signature.task),
    ]
    shape = ["batch", wide] if signature.classes else ["batch"]
    graph = helper.make_graph(
        nodes,
        signature.table,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1]) for name in numeric]
        + [helper.make_tensor_value_info(name, TensorProto.STRING, ["batch", 1]) for name in categorical],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array(0.0, np.float32), "zero"),
            numpy_helper.from_array(np.array([1], np.int64), "second_axis"),
        ],
    )
    return _finished(graph, signature).SerializeToString()


def _number(name: str) -> list:
    return [
        helper.make_node("IsNaN", [name], [f"{name}_missing"]),
        helper.make_node("Where", [f"{name}_missing", "zero", name], [f"{name}_code"]),
    ]


def _category(name: str):
    known = CATEGORICAL[name]
    values = [float(code) for code in range(1, len(known) + 1)]
    attributes = {"keys_strings": ["", *known], "values_floats": [0.0, *values], "default_float": -1.0}
    return helper.make_node("LabelEncoder", [name], [f"{name}_code"], domain="ai.onnx.ml", **attributes)


def _head(task: str) -> list:
    if task == "multiclass":
        return [helper.make_node("Softmax", ["scores"], ["prediction"], axis=1)]
    if task == "regression":
        return [helper.make_node("Squeeze", ["scores", "second_axis"], ["prediction"])]
    return [
        helper.make_node("Sigmoid", ["scores"], ["probability"]),
        helper.make_node("Squeeze", ["probability", "second_axis"], ["prediction"]),
    ]


def _finished(graph, signature: Signature) -> ModelProto:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, signature.model_dump_json()
    return model
