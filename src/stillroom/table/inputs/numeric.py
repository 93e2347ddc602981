"""A numeric input: float32 [rows, 1], NaN where missing."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np

from stillroom.table.inputs.base import Input, MisfitError

LARGEST = float(np.finfo(np.float32).max)


class NumericInput(Input):
    """Takes numbers, but neither booleans nor text; infinities are refused."""

    types: ClassVar[frozenset[type]] = frozenset({float, int, type(None)})
    expected: ClassVar[str] = "a number or null"
    arrow: ClassVar[tuple[str, ...]] = ("integer", "floating", "decimal")
    dtype: ClassVar[type[np.generic]] = np.float32
    kind: Literal["numeric"] = "numeric"

    @classmethod
    def decode(cls, inputs: Sequence[Self], values: np.ndarray) -> dict[str, np.ndarray]:
        """None is NaN."""
        table = values.astype(np.float64)
        too_large = np.abs(table) > LARGEST
        if too_large.any():
            row, index = np.argwhere(too_large.T)[0]
            raise _beyond(int(row), inputs[index].name, values[index, row])
        names = [each.name for each in inputs]
        return dict(zip(names, table.astype(np.float32)[:, :, np.newaxis], strict=True))

    def column(self, values: Sequence[Any] | np.ndarray) -> np.ndarray:
        """Arrays of numbers are taken whole; NaN is a missing value."""
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
            return super().column(values)
        too_large = np.abs(values.astype(np.float64)) > LARGEST
        if too_large.any():
            row = int(too_large.argmax())
            raise _beyond(row, self.name, values[row])
        return values.astype(np.float32).reshape(-1, 1)

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> list[Any]:
        """Numbers; a text that is none stays, so that `check` names it."""
        return [_number(text) for text in texts]

    def array(self, values: np.ndarray) -> np.ndarray:
        """Float32, NaN where missing."""
        return np.asarray(values, dtype=np.float32).reshape(-1, 1)

    def json_schema(self) -> dict[str, Any]:
        """A number or null."""
        return {"type": "number", "format": "float", "nullable": True, "description": self.expected}

    def profiled(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The numbers themselves."""
        return {self.name: values.ravel()}


def _number(text: str) -> float | str | None:
    if not text:
        return None
    try:
        return float(text.replace("_", "?"))  # Python alone reads 1_000
    except ValueError:
        return text


def _beyond(row: int, name: str, value: float) -> MisfitError:
    return MisfitError(row, name, f"{value:g} is beyond the largest 32-bit float, 3.4e38")
