"""Models made wrong by hand, and a right one beside them: two numbers and a bias in, their sum out."""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper

FEEDS = {"a": np.arange(20, dtype=np.float32)[:, None], "b": np.full((20, 1), 0.5, np.float32)}
EXPECTED = (FEEDS["a"] + FEEDS["b"] + 1).ravel()


def right() -> onnx.ModelProto:
    return _model()


def frozen() -> onnx.ModelProto:
    """Whose output says three rows."""
    return _model(batch=3)


def not_finite() -> onnx.ModelProto:
    return _model(bias=float("inf"))


def wrong() -> onnx.ModelProto:
    return _model(bias=1.01)


def wrong_shape() -> onnx.ModelProto:
    """Which answers [rows, 1]."""
    return _model(squeeze=False)


def foreign() -> onnx.ModelProto:
    """With an operator of ONNX Runtime's own."""
    return _model(last=lambda: helper.make_node("Gelu", ["sum"], ["prediction"], domain="com.microsoft"))


def unknown() -> onnx.ModelProto:
    """With an operator that is in no set."""
    return _model(last=lambda: helper.make_node("Distil", ["sum"], ["prediction"]))


def wrong_after_a_thousand() -> onnx.ModelProto:
    """Whose answer depends on the number of rows: right up to 1,000."""
    model = _model()
    del model.graph.node[:]
    model.graph.initializer.append(helper.make_tensor("thousand", TensorProto.INT64, [1], [1000]))
    model.graph.node.extend(
        [
            helper.make_node("Add", ["a", "b"], ["ab"]),
            helper.make_node("Squeeze", ["ab", "axis"], ["flat"]),
            helper.make_node("Shape", ["flat"], ["rows"]),
            helper.make_node("Greater", ["rows", "thousand"], ["many"]),
            helper.make_node("Cast", ["many"], ["surplus"], to=TensorProto.FLOAT),
            helper.make_node("Add", ["flat", "surplus"], ["moved"]),
            helper.make_node("Add", ["moved", "bias"], ["prediction"]),
        ]
    )
    return model


def _model(
    batch: int | str = "batch",
    bias: float = 1.0,
    squeeze: bool = True,
    last: Callable[[], onnx.NodeProto] | None = None,
) -> onnx.ModelProto:
    end = helper.make_node("Squeeze" if squeeze else "Identity", ["sum", "axis"][: 1 + squeeze], ["prediction"])
    nodes = [
        helper.make_node("Add", ["a", "b"], ["ab"]),
        helper.make_node("Add", ["ab", "bias"], ["sum"]),
        last() if last else end,
    ]
    graph = helper.make_graph(
        nodes,
        "by_hand",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 1]) for name in FEEDS],
        [
            helper.make_tensor_value_info(
                "prediction", TensorProto.FLOAT, [batch] if squeeze and not last else [batch, 1]
            )
        ],
        [
            helper.make_tensor("bias", TensorProto.FLOAT, [], [bias]),
            helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        ],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)
