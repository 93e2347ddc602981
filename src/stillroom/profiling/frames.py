"""The columns of a Polars frame as a profile takes them, without a copy where nothing is missing.

Arrow batches and tables become frames without a copy too: ``pl.DataFrame(batch)``.
"""

import polars as pl

from stillroom.profiles import Column, Counts, Values


def columns_of(frame: pl.DataFrame) -> dict[str, Column]:
    """What ``profiles.fold`` takes, column by column; raises TypeError naming a column of lists, bytes or structs.

    Texts and categories are counted by Polars, so that each distinct one is looked at once. A null is a missing value
    of its column's type: it makes no floats of integers, and is no NaN.
    """
    return {column.name: _column(column) for column in frame}


def _column(column: pl.Series) -> Column:
    kind, missing = column.dtype, column.null_count()
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return _counted(column, missing)
    if kind.is_decimal():
        column = column.cast(pl.Float64)
    elif isinstance(kind, pl.Int128 | pl.UInt128):
        column = column.cast(pl.Int64)
    elif kind == pl.Time:
        column = column.cast(pl.Duration)
    elif kind == pl.Null:
        column = column.cast(pl.Float64)
    elif not (kind.is_numeric() or kind.is_temporal() or kind == pl.Boolean):
        raise TypeError(f"column {column.name}: a column of {kind} cannot be profiled; cast it, or leave it out")
    return Values((column.drop_nulls() if missing else column).to_numpy(), missing)


def _counted(column: pl.Series, missing: int) -> Counts:
    counted = column.drop_nulls().value_counts(name="rows")
    return Counts(counted[column.name].cast(pl.String).to_list(), counted["rows"].to_list(), missing)
