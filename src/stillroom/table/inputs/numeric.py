"""A numeric input: float32 [rows, 1], NaN where missing."""

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np

from stillroom.table.inputs.base import Input, MisfitError, Row, misfit

ALLOWED: set[type] = {float, int, type(None)}
EXPECTED = "a number or null"
LARGEST = float(np.finfo(np.float32).max)


class NumericInput(Input):
    """Takes numbers, but neither booleans nor text; infinities are refused."""

    kind: Literal["numeric"] = "numeric"

    @classmethod
    def decode(cls, inputs: Sequence[Self], rows: list[Row]) -> dict[str, np.ndarray]:
        """All numbers at once, since one array is quicker than one a column."""
        names = [each.name for each in inputs]
        values = [row.get(name) for name in names for row in rows]
        if not ALLOWED.issuperset(map(type, values)):
            raise misfit(inputs, rows, ALLOWED, EXPECTED)
        table = np.array(values, dtype=np.float64)
        if (np.abs(table) > LARGEST).any():
            raise _too_large(names, rows)
        return dict(zip(names, table.astype(np.float32).reshape(len(names), len(rows), 1), strict=True))

    def column(self, values: Sequence[Any] | np.ndarray) -> np.ndarray:
        """Arrays of numbers are taken whole; NaN is a missing value."""
        if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
            return super().column(values)
        too_large = np.abs(values.astype(np.float64)) > LARGEST
        if too_large.any():
            row = int(too_large.argmax())
            raise _beyond(row, self.name, values[row])
        return values.astype(np.float32).reshape(-1, 1)

    def array(self, values: np.ndarray) -> np.ndarray:
        """Float32, NaN where missing."""
        return np.asarray(values, dtype=np.float32).reshape(-1, 1)

    def json_schema(self) -> dict[str, Any]:
        """A number or null."""
        return {"type": "number", "format": "float", "nullable": True, "description": EXPECTED}

    def profiled(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The numbers themselves."""
        return {self.name: values.ravel()}


def _too_large(names: list[str], rows: list[Row]) -> MisfitError:
    index, name, value = next(
        (index, name, row[name])
        for index, row in enumerate(rows)
        for name in names
        if row.get(name) is not None and abs(row[name]) > LARGEST
    )
    return _beyond(index, name, value)


def _beyond(row: int, name: str, value: float) -> MisfitError:
    return MisfitError(row, name, f"{value:g} is beyond the largest 32-bit float, 3.4e38")
