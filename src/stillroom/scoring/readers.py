"""A model's inputs from a table's columns: a part that the query does for all rows, and one for each batch.

What the query does, it does in Polars' own threads without Python's lock, and as few times through memory as can be.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from stillroom.table.inputs import AnyInput
from stillroom.table.kinds import KINDS


class Reader(Protocol):
    """How one input is read."""

    def expression(self, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """The column made ready, by the query."""

    def whole(self, ready: pl.Series) -> np.ndarray:
        """What was made ready, as an array [rows]."""

    def batch(self, values: np.ndarray) -> np.ndarray:
        """Some of it as the graph takes it, its first axis the rows; raises MisfitError."""


@dataclass(frozen=True)
class Plain:
    """An input that the graph takes as the service hands it over."""

    input: AnyInput

    def expression(self, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """As its kind makes it ready."""
        return KINDS[self.input.kind].ready(column, dtype)

    def whole(self, ready: pl.Series) -> np.ndarray:
        """As its kind reads it."""
        return KINDS[self.input.kind].read(ready)

    def batch(self, values: np.ndarray) -> np.ndarray:
        """By the input's own rules."""
        return self.input.array(values)
