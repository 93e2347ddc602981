"""Tables of either engine: a Polars LazyFrame or a PySpark DataFrame, which narwhals speaks to alike."""

from typing import Any

import narwhals as nw
import polars as pl


def schema_of(table: Any) -> pl.Schema:
    """The columns' names and Polars types; on Spark the types that they have once they are read."""
    if isinstance(table, pl.LazyFrame | pl.DataFrame):
        return table.collect_schema()
    return nw.from_native(table).head(0).collect("polars").to_native().schema


def read_column(table: Any, name: str) -> pl.Series:
    """One column, whole and alone; the columns of a table that was read from files all come in one order of rows."""
    return nw.from_native(table).lazy().select(name).collect("polars").to_native()[name]
