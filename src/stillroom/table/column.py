"""What every kind of column can do in training: be checked, described, fitted, encoded and exported."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import onnx
import polars as pl

from stillroom.table.inputs import Input
from stillroom.table.spec import Declared, TableSpec


class Column(Declared, ABC):
    """The fitted statistics of one column. Its kind's side that is served is its `input`."""

    KIND: ClassVar[str]
    DTYPE: ClassVar[type[np.generic]]
    CODED: ClassVar[bool] = False
    OPTIONAL: ClassVar[bool] = True  # whether a network may be handed an array [rows, 0] of this kind
    LARGEST: ClassVar[float] = 1.0

    name: str

    @classmethod
    @abstractmethod
    def of(cls, name: str, values: pl.Series, spec: TableSpec, bins: int) -> Self:
        """Fit on the training values."""

    @property
    @abstractmethod
    def input(self) -> Input:
        """The column as an input of the served model."""

    @abstractmethod
    def expression(self) -> pl.Expr:
        """The raw value made ready for `stack`, by an expression that a lazy frame can run."""

    @classmethod
    @abstractmethod
    def stack(cls, columns: Sequence[Self], series: list[pl.Series]) -> np.ndarray:
        """All columns of this kind as the one array that networks take; the first axis is the rows."""

    @classmethod
    def zeros(cls, columns: Sequence[Self], rows: int) -> np.ndarray:
        """Rows of zeros in the shape that `stack` gives."""
        return np.zeros((rows, len(columns)), cls.DTYPE)

    @classmethod
    @abstractmethod
    def raw(cls, values: pl.Series) -> np.ndarray:
        """A raw column as the plain array [rows] that `Input.array` takes; Polars spells it, as it did for training."""

    @classmethod
    def ready(cls, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """A raw column of this type as far as a query over all rows can bring it for `Input.array`."""
        return value

    @classmethod
    def read(cls, ready: pl.Series) -> np.ndarray:
        """What `ready` made, as `Input.array` takes it."""
        return cls.raw(ready)

    @classmethod
    @abstractmethod
    def as_json(cls, values: pl.Series) -> list[Any]:
        """A raw column as JSON values."""

    def feed(self, values: pl.Series) -> np.ndarray:
        """A raw column as the exported graph takes it."""
        return self.input.array(self.raw(values))

    @classmethod
    def odd(cls, value: pl.Expr, turn: pl.Expr) -> pl.Expr:
        """The column with a value missing wherever `turn` is 0; a kind may make others strange too."""
        return pl.when(turn == 0).then(None).otherwise(value)

    @abstractmethod
    def graph_input(self) -> onnx.ValueInfoProto:
        """The column as an input of the exported graph."""

    @classmethod
    @abstractmethod
    def graph_block(cls, columns: Sequence[Self], target: str) -> list[onnx.NodeProto]:
        """The nodes that make, from the graph's inputs, the array that `stack` makes in training."""

    @classmethod
    @abstractmethod
    def problem(cls, dtype: pl.DataType) -> str | None:
        """What is wrong with a column of this type, None where nothing is."""

    @classmethod
    @abstractmethod
    def measures(cls, name: str) -> dict[str, pl.Expr]:
        """What the quality report says of such a column; `missing`, `distinct` and `hash` for all."""


def common_measures(value: pl.Expr) -> dict[str, pl.Expr]:
    """What is measured of every kind of column; the hash is of the values and where they stand."""
    placed = pl.struct(pl.int_range(pl.len()).alias("row"), value.alias("value"))
    return {"missing": value.null_count(), "distinct": value.drop_nulls().n_unique(), "hash": placed.hash(0).sum()}
