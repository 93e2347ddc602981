"""ONNX Runtime's quantisation with its default arguments, against what Stillroom made of the same student.

Usage: python benchmarks/peers/onnxruntime_defaults.py [--params table=wine] [--rounds 1000]

`quantize_dynamic` and `quantize_static` get the float32 students as they are and, for calibration, the same training
rows as Stillroom's own walk; everything else is left at its default.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from common import Run, arguments, attempt, measured, open_run, report
from onnxruntime import quantization

from stillroom.compression.gate import open_session
from stillroom.compression.gate import run as predict

BATCH = 256


class Rows(quantization.CalibrationDataReader):
    """Calibration rows, batch by batch."""

    def __init__(self, feeds: dict[str, np.ndarray]):
        rows = len(next(iter(feeds.values())))
        self._batches: Iterator[dict[str, np.ndarray]] = iter(
            [{name: values[i : i + BATCH] for name, values in feeds.items()} for i in range(0, rows, BATCH)]
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._batches, None)


def quantised(model: onnx.ModelProto, how: str, feeds: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Quantise by ONNX Runtime's defaults, and run a few rows: some models load and fail only then."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = str(Path(folder, "float.onnx")), str(Path(folder, "int8.onnx"))
        onnx.save(model, source)
        if how == "dynamic":
            quantization.quantize_dynamic(source, target)
        else:
            quantization.quantize_static(source, target, Rows(feeds))
        made = onnx.load(target)
    predict(open_session(made), {name: values[:7] for name, values in feeds.items()})
    return made


def peers(run: Run) -> dict[str, onnx.ModelProto]:
    """Every float32 student, quantised both ways; a way that fails is printed and left out."""
    feeds = run.feeds("train", run.parameters.compress.quantise.calibration_rows)
    made = {}
    for source, model in run.students.items():
        for how in ("dynamic", "static"):
            name = f"{source}, quantize_{how}"
            made[name] = attempt(name, lambda model=model, how=how: quantised(model, how, feeds))
    return {name: model for name, model in made.items() if model is not None}


def main() -> None:
    """Quantise, measure side by side, print."""
    given = arguments(__doc__).parse_args()
    run = open_run(given.params)
    theirs = peers(run)
    rows = measured(run, {**run.candidates, **theirs}, given.rounds)
    report(run, [rows[name] for name in run.candidates], [rows[name] for name in theirs])


if __name__ == "__main__":
    main()
