"""An ONNX file as a teacher: trained elsewhere, taken as it is."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime
import polars as pl

from stillroom.runtime.session import open_session
from stillroom.table.encoding import Encoding, encode, feeds
from stillroom.table.errors import InputError
from stillroom.training.fit import Recipe, Rows
from stillroom.training.matrix import matrix
from stillroom.training.settings import ModelConfig
from stillroom.training.teachers.base import Teacher

FILE = "model.onnx"
TRIED = 3  # rows
NUMBERS = {"tensor(float)": np.float32, "tensor(double)": np.float64}


class OnnxTeacher(Teacher):
    """A model whose inputs are raw columns by name, or one float matrix [N, width] as `training.matrix` lays it out.

    It answers probabilities (binary: [N], [N, 1] or [N, 2]; multiclass: [N, classes]) or values [N] or [N, 1], in the
    first output of floats that has such a shape.
    """

    KIND = "onnx"

    def __init__(self, content: bytes):
        self.content, self.history = content, []

    @classmethod
    def train(cls, model: ModelConfig, rows: Rows, recipe: Recipe) -> Self:
        """Read the file, and try it on a few rows. Raises InputError where it does not fit the table."""
        assert model.onnx is not None
        path = Path(model.onnx)
        if not path.is_file():
            raise InputError(f"model.onnx: {path} is not there: put the file there, or name another with model.onnx")
        teacher = cls(path.read_bytes())
        try:
            teacher.predict(rows.validation.head(TRIED), rows.encoding)
        except Exception as error:
            raise InputError(f"model.onnx: {path}: {' '.join(str(error).split())[:500]}") from error
        return teacher

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        """The model, opened on the CPU with as many threads as there are cores."""
        return open_session(self.content, threads=0)

    def prepared(self, rows: pl.DataFrame, encoding: Encoding) -> Callable[[], np.ndarray]:
        session, inputs = self.session, _inputs(self.session, rows, encoding)
        output = _output(session, encoding)

        def answers() -> np.ndarray:
            found = np.asarray(session.run([output], inputs)[0], dtype=np.float32)
            if encoding.target.task == "multiclass":
                return found
            return found[:, -1] if found.ndim == 2 else found

        return answers

    def files(self) -> dict[str, bytes]:
        return {FILE: self.content}

    @classmethod
    def restored(cls, files: dict[str, bytes], trusted: Sequence[str] = ()) -> Self:
        return cls(files[FILE])


def _inputs(session: onnxruntime.InferenceSession, rows: pl.DataFrame, encoding: Encoding) -> dict[str, np.ndarray]:
    """The rows as the model takes them."""
    wanted, columns = session.get_inputs(), [c.name for c in encoding.columns]
    if all(each.name in columns for each in wanted):
        raw = feeds(rows, encoding)
        return {each.name: _typed(raw[each.name], each.type) for each in wanted}
    flat = matrix(encode(rows.lazy(), encoding))
    if len(wanted) == 1 and wanted[0].type in NUMBERS and _width(wanted[0]) in (None, flat.shape[1]):
        return {wanted[0].name: _typed(flat, wanted[0].type)}
    named = ", ".join(f"{each.name} {each.type}{each.shape}" for each in wanted)
    raise InputError(
        f"its inputs ({named}) are neither columns of the table ({', '.join(columns)}) nor one matrix of floats "
        f"[rows, {flat.shape[1]}]: export it with such inputs"
    )


def _typed(values: np.ndarray, declared: str) -> np.ndarray:
    """Text as it is, numbers as float32 or float64."""
    return values if values.dtype.kind not in "f" else values.astype(NUMBERS.get(declared, values.dtype), copy=False)


def _width(declared: onnxruntime.NodeArg) -> int | None:
    """How many columns a matrix has; None where the model leaves it open, 0 for what is no matrix."""
    if len(declared.shape) != 2:
        return 0
    return declared.shape[1] if isinstance(declared.shape[1], int) else None


def _output(session: onnxruntime.InferenceSession, encoding: Encoding) -> str:
    """The name of the first output that is an answer to the table's task."""
    task, found = encoding.target.task, session.get_outputs()
    widths = {"binary": {1, 2}, "regression": {1}, "multiclass": {encoding.target.outputs}}[task]
    for each in found:
        flat = len(each.shape) == 1 and task != "multiclass"
        wide = len(each.shape) == 2 and (not isinstance(each.shape[1], int) or each.shape[1] in widths)
        if each.type in NUMBERS and (flat or wide):
            return str(each.name)
    named = ", ".join(f"{each.name} {each.type}{each.shape or ''}" for each in found)
    raise InputError(
        f"none of its outputs ({named}) is a tensor of floats [rows] or [rows, {max(widths)}]: export probabilities as "
        "a tensor, without a map of them (skl2onnx: options={'zipmap': False})"
    )
