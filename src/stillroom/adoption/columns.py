"""What is measured of every column of a table before anything is decided about it."""

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

RARE = 10
"""A value in fewer rows teaches a model nothing; as `min_category_count` of a table."""


@dataclass(frozen=True)
class Measured:
    """One column: its type, how many of its values are missing or different, its extremes, how wordy its texts are.

    ``familiar`` is the share of present rows whose value stands in at least `RARE` rows; ``words`` the mean of a text.
    """

    name: str
    dtype: pl.DataType
    rows: int
    missing: int
    distinct: int
    low: Any = None
    high: Any = None
    words: float = 0.0
    familiar: float = 1.0

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def unique(self) -> bool:
        """Whether no two rows share a value."""
        return self.present > 1 and self.distinct == self.present

    @property
    def tokens(self) -> list[str]:
        """The name's words in lower case: `CustomerID` and `customer-id` are customer, id."""
        parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", self.name)
        return re.findall(r"[a-z]+|\d+", parted.lower())


def is_measurable(dtype: pl.DataType) -> bool:
    """Whether a column holds single values that can be compared."""
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Null))


def measure(frame: pl.LazyFrame) -> list[Measured]:
    """Measure every column, in one pass over the table and a short one for each text of many values."""
    schema = frame.collect_schema()
    queries = [pl.len().alias("rows")]
    for name, dtype in schema.items():
        queries += [query.alias(f"{key}\0{name}") for key, query in _queries(name, dtype).items()]
    found = frame.select(queries).collect(engine="streaming").row(0, named=True)
    return [_measured(frame, name, dtype, found) for name, dtype in schema.items()]


def _queries(name: str, dtype: pl.DataType) -> dict[str, pl.Expr]:
    column = pl.col(name).fill_nan(None) if dtype.is_float() else pl.col(name)
    queries = {"missing": column.null_count()}
    if is_measurable(dtype):
        queries["distinct"] = column.drop_nulls().n_unique()
    if dtype.is_numeric() or dtype.is_temporal():
        queries |= {"low": column.min(), "high": column.max()}
    if dtype == pl.String:
        queries["words"] = column.str.count_matches(r"\S+").mean()
    return queries


def _measured(frame: pl.LazyFrame, name: str, dtype: pl.DataType, found: dict[str, Any]) -> Measured:
    measures = {
        key: found[f"{key}\0{name}"]
        for key in ("missing", "distinct", "low", "high", "words")
        if found.get(f"{key}\0{name}") is not None
    }
    column = Measured(name=name, dtype=dtype, rows=found["rows"], **{"distinct": 0, **measures})
    if dtype != pl.String or column.distinct < RARE:
        return column
    counts = frame.select(name).drop_nulls().group_by(name).len()
    familiar = counts.filter(pl.col("len") >= RARE).select(pl.col("len").sum()).collect(engine="streaming").item()
    return Measured(**{**vars(column), "familiar": familiar / max(column.present, 1)})
