"""The encoding statistics of a table, fitted on its training split: what becomes part of the ONNX graph."""

from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field

from stillroom.table.categorical import CategoricalColumn
from stillroom.table.errors import InputError
from stillroom.table.numeric import NumericColumn
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
        codes = [float(i) for i in range(len(self.classes))]
        text = pl.col(self.name).cast(pl.String)
        return text.replace_strict(self.classes, codes, default=float("nan"), return_dtype=pl.Float32)


class Encoding(Declared):
    """All that is fitted before training: the columns' statistics and the target's."""

    version: Literal[1] = 1
    numeric: list[NumericColumn]
    categorical: list[CategoricalColumn]
    target: Target

    @property
    def columns(self) -> list[NumericColumn | CategoricalColumn]:
        """Every column, numeric first."""
        return [*self.numeric, *self.categorical]

    @property
    def cardinalities(self) -> list[int]:
        """The number of codes of each categorical column."""
        return [c.cardinality for c in self.categorical]


def fit_encoding(train: pl.LazyFrame, spec: TableSpec, columns: list[str], bins: int) -> Encoding:
    """Fit the encoding of the kept columns on the training split. Raises InputError as `Target.fit` does."""
    kept = spec.model_copy(
        update={kind: [c for c in getattr(spec, kind) if c in columns] for kind in ("numeric", "categorical")}
    )
    frame = train.select(*kept.columns, spec.target).collect()
    return Encoding(
        numeric=[NumericColumn.fit(c, frame[c], bins) for c in kept.numeric],
        categorical=[
            CategoricalColumn.fit(c, frame[c], spec.max_categories, spec.min_category_count) for c in kept.categorical
        ],
        target=Target.fit(spec, frame[spec.target]),
    )


class Encoded(dict[str, np.ndarray]):
    """Arrays of one set of rows: numeric float32 [N, F], categorical int64 [N, C], target float32 [N]."""


def encode(frame: pl.LazyFrame, encoding: Encoding, extra: tuple[str, ...] = ()) -> Encoded:
    """Encode rows into the arrays that networks take.

    Numeric values stay raw (NaN = missing): standardising is the network's own first layer. ``extra``
    names columns that travel along as they are (soft targets: float32).
    """
    numeric = [c.expression().alias(f"n{i}") for i, c in enumerate(encoding.numeric)]
    categorical = [c.expression().alias(f"c{i}") for i, c in enumerate(encoding.categorical)]
    target = encoding.target.expression().alias("target")
    rows = frame.select(*numeric, *categorical, target, *extra).collect()

    def block(columns: list[pl.Expr], prefix: str, dtype: type) -> np.ndarray:
        names = [f"{prefix}{i}" for i in range(len(columns))]
        if not names:
            return np.zeros((rows.height, 0), dtype)
        return np.ascontiguousarray(rows.select(names).to_numpy(), dtype=dtype)

    encoded = Encoded(
        numeric=block(numeric, "n", np.float32),
        categorical=block(categorical, "c", np.int64),
        target=rows["target"].to_numpy(),
    )
    for name in extra:
        encoded[name] = rows[name].to_numpy().astype(np.float32)
    return encoded


def feeds(frame: pl.DataFrame, encoding: Encoding) -> dict[str, np.ndarray]:
    """Raw rows as the exported graph takes them: one [N, 1] array a column, by name."""
    return {c.name: c.feed(frame[c.name]) for c in encoding.columns}


def frame_of(columns: dict[str, np.ndarray], target: pl.Series) -> pl.DataFrame:
    """The inverse of `feeds`: raw rows from [N, 1] arrays, beside their target."""
    return pl.DataFrame({**{name: values.ravel() for name, values in columns.items()}, target.name: target})
