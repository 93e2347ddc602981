"""A float32 model made ready for one way of quantising: operators named as people know them, calibrated once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from onnxruntime import quantization
from onnxruntime.quantization.onnx_model import ONNXModel
from onnxruntime.quantization.shape_inference import quant_pre_process

from stillroom.compression.export import keep_used_opsets
from stillroom.compression.quantisation.settings import Method, QuantiseConfig

CALIBRATION_BATCH = 256
# What holds weights worth shrinking. Int8 convolutions are slower than float32 ones where their inputs' ranges are
# worked out anew at every call, so that the dynamic way leaves them alone.
DYNAMIC, STATIC = ("MatMul", "Gemm"), ("MatMul", "Gemm", "Conv")
# What int8 numbers pass through between those operators, or vanishes in their ranges.
BETWEEN = ("Relu", "Clip", "MaxPool")
CALIBRATIONS = {
    "minmax": quantization.CalibrationMethod.MinMax,
    "entropy": quantization.CalibrationMethod.Entropy,
    "percentile": quantization.CalibrationMethod.Percentile,
}


class _Rows(quantization.CalibrationDataReader):
    """Batches, of which the calibrator asks for a range at a time: it holds the activations of all it asked for."""

    def __init__(self, feeds: dict[str, np.ndarray]):
        rows = len(next(iter(feeds.values())))
        self._batches = [
            {name: values[start : start + CALIBRATION_BATCH] for name, values in feeds.items()}
            for start in range(0, rows, CALIBRATION_BATCH)
        ]
        self._asked: Iterator[dict[str, np.ndarray]] = iter(self._batches)

    def __len__(self) -> int:
        return len(self._batches)

    def set_range(self, start_index: int, end_index: int) -> None:
        self._asked = iter(self._batches[start_index:end_index])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._asked, None)


@dataclass(frozen=True)
class Prepared:
    """One model on its way to int8: its graph on disk, in a ``folder`` that the caller keeps as long as it is used.

    ``operators`` are those that this way quantises, in the order of the graph: `body/hidden/0` where the weight says
    which layer it is, else the exporter's name.
    """

    method: Method
    config: QuantiseConfig
    calibration: dict[str, np.ndarray]
    folder: Path
    operators: list[str]
    convolutional: bool

    @property
    def per_channel(self) -> bool:
        """Whether each output channel of a weight has a scale of its own."""
        return self.convolutional if self.config.per_channel == "auto" else self.config.per_channel

    def quantise(self, excluded: list[str]) -> onnx.ModelProto:
        """The int8 model, with the excluded operators in float; raises what ONNX Runtime raises."""
        source, target = str(self.folder / "prepared.onnx"), str(self.folder / "int8.onnx")
        common = {
            "nodes_to_exclude": excluded,
            "per_channel": self.per_channel,
            "reduce_range": self.config.reduce_range,
            "weight_type": quantization.QuantType.QInt8,
        }
        if self.method == "dynamic":
            quantization.quantize_dynamic(source, target, op_types_to_quantize=list(DYNAMIC), **common)
        else:
            self._static(source, target, common)
        quantised = onnx.load(target)
        _guard(quantised.graph, excluded)
        keep_used_opsets(quantised)
        return quantised

    def _static(self, source: str, target: str, common: dict) -> None:
        formats = {"static_qdq": quantization.QuantFormat.QDQ, "static_qoperator": quantization.QuantFormat.QOperator}
        with redirect_stdout(StringIO()):  # the calibrator prints its progress
            quantization.quantize_static(
                source,
                target,
                _Rows(self.calibration),
                quant_format=formats[self.method],
                op_types_to_quantize=[*STATIC, *BETWEEN],
                activation_type=quantization.QuantType.QUInt8,
                calibrate_method=self._calibrate_method(),
                calibration_cache_path=self.folder / "ranges.json",
                extra_options={"CalibStridedMinMax": 1},  # one batch's activations at a time, whatever the method
                **common,
            )

    def _calibrate_method(self) -> quantization.CalibrationMethod:
        automatic = "minmax" if self.convolutional else "percentile"
        return CALIBRATIONS[automatic if self.config.calibration == "auto" else self.config.calibration]


def prepare(
    model: onnx.ModelProto, method: Method, config: QuantiseConfig, calibration: dict[str, np.ndarray], folder: Path
) -> Prepared:
    """Optimise a model for quantisation, and name its operators; calibration rows come from the training split."""
    source, path = str(folder / "float32.onnx"), str(folder / "prepared.onnx")
    onnx.save(model, source)
    quant_pre_process(source, path, skip_symbolic_shape=True)
    if method != "static_qdq":
        _without_gemm(path)
    prepared = onnx.load(path)
    nodes = _quantised_nodes(prepared.graph, method)
    _name(nodes, prepared.graph)
    onnx.save(prepared, path)
    names = [node.name for node in nodes]
    return Prepared(method, config, calibration, folder, names, _is_convolutional(nodes, prepared.graph))


def _without_gemm(path: str) -> None:
    """Write each Gemm as MatMul and Add: in int8, MatMul is a core operator and Gemm is ONNX Runtime's own."""
    model = ONNXModel(onnx.load(path))
    model.replace_gemm_with_matmul()
    model.clean_initializers()
    model.save_model_to_file(path)


def _quantised_nodes(graph: onnx.GraphProto, method: Method) -> list[onnx.NodeProto]:
    """Two activations are multiplied in int8 only where their ranges are known: not the dynamic way."""
    weights = {tensor.name for tensor in graph.initializer}
    if method == "dynamic":
        return [n for n in graph.node if n.op_type in DYNAMIC and n.input[1] in weights]
    return [n for n in graph.node if n.op_type in STATIC]


def _name(nodes: list[onnx.NodeProto], graph: onnx.GraphProto) -> None:
    """Call each node as its layer is called in the network, by its weight or else by the bias that is added to it."""
    parameters = {
        tensor.name for tensor in graph.initializer if tensor.name.endswith((".weight", ".bias", "_Transposed"))
    }
    biases = {
        name: bias
        for node in graph.node
        if node.op_type == "Add"
        for name in node.input
        for bias in node.input
        if bias in parameters
    }
    seen: Counter[str] = Counter()
    for node in nodes:
        name = layer_name(node.input[1] if node.input[1] in parameters else biases.get(node.output[0], node.name))
        seen[name] += 1
        node.name = name if seen[name] == 1 else f"{name} ({seen[name]})"


def layer_name(name: str) -> str:
    """The name of a parameter in the graph as that of its layer: `net/network.body.head.weight` is `body/head`."""
    layer = name.removesuffix("_Transposed").removesuffix(".weight").removesuffix(".bias")
    return layer.removeprefix("net/").removeprefix("network.").replace(".", "/")


def _guard(graph: onnx.GraphProto, excluded: list[str]) -> None:
    """Part the excluded operators from the int8 numbers before them by a Sum of one, which changes nothing.

    When it loads a model, ONNX Runtime makes int8 of the weights of every Conv and Gemm between DequantizeLinear and
    QuantizeLinear, those that were excluded among them (its WeightBiasQuantization).
    """
    dequantised = {name for node in graph.node if node.op_type == "DequantizeLinear" for name in node.output}
    for node in [n for n in graph.node if n.name in excluded and n.input[0] in dequantised]:
        guarded = f"{node.name}/float"
        position = list(graph.node).index(node)
        graph.node.insert(position, helper.make_node("Sum", [node.input[0]], [guarded], name=guarded))
        node.input[0] = guarded


def _is_convolutional(nodes: list[onnx.NodeProto], graph: onnx.GraphProto) -> bool:
    """Whether it has convolutions, and no MatMul of stacked weights: a scale a channel makes these fail, or slow."""
    dimensions = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    stacked = any(node.op_type == "MatMul" and dimensions.get(node.input[1], 2) > 2 for node in nodes)
    return any(node.op_type == "Conv" for node in nodes) and not stacked
