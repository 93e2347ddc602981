"""Quantise a float32 candidate to int8, several ways; every way is smoke-run, none is promised to help."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnxruntime import quantization
from onnxruntime.quantization.onnx_model import ONNXModel
from onnxruntime.quantization.shape_inference import quant_pre_process

from stillroom.compression.export import keep_used_opsets, signature_of, with_signature
from stillroom.compression.gate import ExportError, check_export, open_session, run

Method = Literal["dynamic", "static_qdq", "static_qoperator"]
CALIBRATION_BATCH = 256
# Only these hold weights worth shrinking; the preprocessing in front stays float.
OPERATORS = ["MatMul", "Gemm", "Conv"]


class _Calibration(quantization.CalibrationDataReader):
    def __init__(self, feeds: dict[str, np.ndarray]):
        self._feeds = feeds
        self.rewind()

    def rewind(self) -> None:
        self._batches = self._slices()

    def _slices(self) -> Iterator[dict[str, np.ndarray]]:
        rows = len(next(iter(self._feeds.values())))
        for start in range(0, rows, CALIBRATION_BATCH):
            yield {name: values[start : start + CALIBRATION_BATCH] for name, values in self._feeds.items()}

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._batches, None)


def quantise_all(
    models: dict[str, onnx.ModelProto],
    methods: list[Method],
    calibration: dict[str, np.ndarray],
    parity: dict[str, np.ndarray],
) -> tuple[dict[str, onnx.ModelProto], dict[str, float | str]]:
    """Quantise every model every way.

    Returns the int8 models by `<model>_<method>`, and for each trial the largest difference of its
    predictions from float32 on the parity rows, or why it failed.
    """
    made: dict[str, onnx.ModelProto] = {}
    trials: dict[str, float | str] = {}
    for source, model in models.items():
        expected = run(open_session(model), parity)
        for method in methods:
            name = f"{source}_{method}"
            quantised = quantise(model, method, calibration)
            if isinstance(quantised, str):
                trials[name] = quantised
                continue
            try:
                trials[name] = check_export(name, quantised, parity, expected, tolerance=None)
            except ExportError as error:
                trials[name] = str(error)
                continue
            made[name] = with_signature(quantised, signature_of(model).model_copy(update={"candidate": name}))
    return made, trials


def quantise(model: onnx.ModelProto, method: Method, calibration: dict[str, np.ndarray]) -> onnx.ModelProto | str:
    """Quantise one way; calibration rows come from the training split.

    Returns the int8 model, or the reason why this way fails for this model (some load and fail when run).
    """
    try:
        quantised = _quantise(model, method, calibration)
        answers = run(open_session(quantised), {name: values[:7] for name, values in calibration.items()})
    except Exception as error:
        return " ".join(str(error).split())[:200]
    if not np.isfinite(answers).all():
        return "answers that are not finite numbers"
    return quantised


def _quantise(model: onnx.ModelProto, method: Method, calibration: dict[str, np.ndarray]) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        source, prepared, target = (str(Path(folder) / name) for name in ("in.onnx", "prepared.onnx", "out.onnx"))
        onnx.save(model, source)
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        if method == "dynamic":
            quantization.quantize_dynamic(
                prepared, target, op_types_to_quantize=OPERATORS, weight_type=quantization.QuantType.QInt8
            )
        else:
            if method == "static_qoperator":
                _without_gemm(prepared)
            style = quantization.QuantFormat.QDQ if method == "static_qdq" else quantization.QuantFormat.QOperator
            quantization.quantize_static(
                prepared,
                target,
                _Calibration(calibration),
                quant_format=style,
                op_types_to_quantize=OPERATORS,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
            )
        quantised = onnx.load(target)
        keep_used_opsets(quantised)
        return quantised


def _without_gemm(path: str) -> None:
    """Write each Gemm as MatMul and Add: in int8, MatMul is a core operator and Gemm is ONNX Runtime's own."""
    model = ONNXModel(onnx.load(path))
    model.replace_gemm_with_matmul()
    model.clean_initializers()
    model.save_model_to_file(path)
