"""The encoding statistics of a table, fitted on its training split: what becomes part of the ONNX graph."""

from typing import Any, Literal

import numpy as np
import polars as pl
from pydantic import Field

from stillroom.table.categorical import CategoricalColumn
from stillroom.table.column import Column
from stillroom.table.errors import InputError
from stillroom.table.frames import read_column
from stillroom.table.image import ImageColumn
from stillroom.table.kinds import KINDS
from stillroom.table.numeric import NumericColumn
from stillroom.table.ordinal import ordinal
from stillroom.table.spec import Declared, TableSpec, Task


class Target(Declared):
    """The target: its classes in the order of the outputs, or the mean and scale of a regression."""

    name: str
    task: Task
    classes: list[str] = Field(default_factory=list)
    mean: float = 0.0
    scale: float = 1.0

    @property
    def outputs(self) -> int:
        """How many numbers the network answers per row."""
        return len(self.classes) if self.task == "multiclass" else 1

    @classmethod
    def fit(cls, spec: TableSpec, values: pl.Series) -> "Target":
        """Fit on the training targets. Raises InputError for fewer than two classes, or a constant."""
        name, task = spec.target, spec.task
        if task == "regression":
            numbers = values.drop_nulls().cast(pl.Float64).to_numpy()
            if len(np.unique(numbers)) < 2:
                raise InputError(f"table {spec.name}: the target {name} is constant in the training split")
            return cls(name=name, task=task, mean=float(numbers.mean()), scale=float(numbers.std()))
        classes = sorted(values.drop_nulls().cast(pl.String).unique().to_list())
        if len(classes) < 2 or (task == "binary" and len(classes) > 2):
            wanted = "exactly two" if task == "binary" else "at least two"
            raise InputError(
                f"table {spec.name}: the target {name} has {len(classes)} class(es) in the training split "
                f"({', '.join(classes[:5])}); task {task} needs {wanted}"
            )
        return cls(name=name, task=task, classes=classes)

    def expression(self) -> pl.Expr:
        """The target as the loss and the metrics take it: float32 value or class number; NaN where not known."""
        if self.task == "regression":
            return pl.col(self.name).cast(pl.Float32).fill_null(float("nan"))
        return ordinal(pl.col(self.name).cast(pl.String), self.classes).cast(pl.Float32).fill_null(float("nan"))


class Encoding(Declared):
    """All that is fitted before training: the columns' statistics and the target's."""

    version: Literal[1] = 1
    numeric: list[NumericColumn] = Field(default_factory=list)
    categorical: list[CategoricalColumn] = Field(default_factory=list)
    image: list[ImageColumn] = Field(default_factory=list)
    target: Target

    @property
    def blocks(self) -> dict[str, list[Any]]:
        """The columns of each kind that the table has, in the order of the kinds."""
        return {kind: columns for kind in KINDS if (columns := getattr(self, kind))}

    @property
    def columns(self) -> list[Column]:
        """Every column, kind by kind."""
        return [column for columns in self.blocks.values() for column in columns]


def fit_encoding(train: Any, spec: TableSpec, columns: list[str], bins: int) -> Encoding:
    """Fit the encoding of the kept columns on the training split, a table of either engine, read column by column.

    Raises InputError as `Target.fit` does.
    """
    target = Target.fit(spec, read_column(train, spec.target))
    blocks: dict[str, list[Column]] = {kind: [] for kind in KINDS}
    for name in (c for c in spec.columns if c in columns):
        kind = spec.kind_of(name)
        blocks[kind].append(KINDS[kind].of(name, read_column(train, name), spec, bins))
    return Encoding.model_validate({**blocks, "target": target})


class Encoded(dict[str, np.ndarray]):
    """Arrays of one set of rows: one a kind of column that the table has, by the kind's name; target float32 [N].

    ``numeric`` is float32 [N, F], raw with NaN = missing; ``categorical`` int64 [N, C] codes;
    ``image`` uint8 [N, channels, height, width].
    """

    @property
    def inputs(self) -> dict[str, np.ndarray]:
        """The kinds' arrays alone: what networks take."""
        return {kind: self[kind] for kind in KINDS if kind in self}


def encode(frame: pl.LazyFrame, encoding: Encoding, extra: tuple[str, ...] = ()) -> Encoded:
    """Encode rows into the arrays that networks take.

    ``extra`` names numbers that travel along as they are, in float32 (soft targets).
    """
    return stacked(encodable(frame, encoding, extra).collect(), encoding, extra)


def encodable(frame: pl.LazyFrame, encoding: Encoding, extra: tuple[str, ...] = ()) -> pl.LazyFrame:
    """The query that `encode` runs: one column of plain values a column of the table, which `stacked` makes arrays of.

    They may be kept in a file in between, so that rows are not encoded again whenever they are read.
    """
    named = {f"{kind}/{i}": c.expression() for kind, cs in encoding.blocks.items() for i, c in enumerate(cs)}
    return frame.select(pl.col(extra).cast(pl.Float32), target=encoding.target.expression(), **named)


def stacked(rows: pl.DataFrame, encoding: Encoding, extra: tuple[str, ...] = ()) -> Encoded:
    """The arrays of rows that the query of `encodable` gave."""
    encoded = Encoded(target=rows["target"].to_numpy())
    for kind, columns in encoding.blocks.items():
        series = [rows[f"{kind}/{i}"] for i in range(len(columns))]
        encoded[kind] = np.ascontiguousarray(KINDS[kind].stack(columns, series))
    for name in extra:
        encoded[name] = rows[name].to_numpy()
    return encoded


def feeds(frame: pl.DataFrame, encoding: Encoding) -> dict[str, np.ndarray]:
    """Raw rows as the exported graph takes them: one array a column, by name; the first axis is the rows."""
    return {c.name: c.feed(frame[c.name]) for c in encoding.columns}


def with_odd_values(frame: pl.DataFrame, encoding: Encoding, every: int = 10) -> pl.DataFrame:
    """The same rows, one value in `every` of each column made missing, and others strange where the kind knows how."""
    row = pl.int_range(pl.len())
    odd = [c.odd(pl.col(c.name), (row + i) % every).alias(c.name) for i, c in enumerate(encoding.columns)]
    return frame.with_columns(odd)
