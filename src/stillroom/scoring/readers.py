"""A model's inputs from a table's columns: a part that the query does for all rows, and one for each batch.

What the query does, it does in Polars' own threads without Python's lock, and as few times through memory as can be.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from stillroom.table.inputs import AnyInput, NumericInput
from stillroom.table.kinds import KINDS

NAN = float("nan")


class Reader(Protocol):
    """How one input is read."""

    def expression(self, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """The column made ready, by the query."""

    def whole(self, ready: pl.Series) -> np.ndarray:
        """What was made ready, as an array [rows]."""

    def batch(self, values: np.ndarray) -> np.ndarray:
        """Some of it as the graph takes it, its first axis the rows; raises MisfitError."""


@dataclass(frozen=True)
class Number:
    """A numeric input: float32, NaN where missing."""

    def expression(self, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """Nulls are filled before the cast, which takes twice as long with them (Polars 2.1)."""
        if dtype.is_float():
            return column.fill_null(NAN).cast(pl.Float32)
        return pl.when(column.is_not_null()).then(column.fill_null(0).cast(pl.Float32)).otherwise(NAN).cast(pl.Float32)

    def whole(self, ready: pl.Series) -> np.ndarray:
        """The numbers where they lie."""
        return ready.to_numpy()

    def batch(self, values: np.ndarray) -> np.ndarray:
        """Float32 [rows, 1]."""
        return values.reshape(-1, 1)


@dataclass(frozen=True)
class Plain:
    """Any other input, read as the service reads it."""

    input: AnyInput

    def expression(self, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """The column as it is."""
        return column

    def whole(self, ready: pl.Series) -> np.ndarray:
        """As its kind has it."""
        return KINDS[self.input.kind].raw(ready)

    def batch(self, values: np.ndarray) -> np.ndarray:
        """By the input's own rules."""
        return self.input.array(values)


def reader(declared: AnyInput) -> Reader:
    """The reader of an input that the graph takes as the service hands it over."""
    return Number() if isinstance(declared, NumericInput) else Plain(declared)
