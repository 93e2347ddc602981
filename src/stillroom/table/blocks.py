"""A table in blocks of time: lazy frames by first day, in their order, of which one at a time is computed."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeAlias

import polars as pl

Blocks: TypeAlias = dict[str, pl.LazyFrame]


def in_blocks(table: pl.LazyFrame, day: pl.Expr, days: int, before: int) -> pl.LazyFrame | Blocks:
    """Cut a table by a date into blocks of so many days; each comes with rows of the days before, to look back on.

    A table that is one block comes back as it is.
    """
    known = _days(table, day)
    first, last = known["day"].min(), known["day"].max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date) or (last - first).days < days:
        return table
    blocks = {}
    for start in pl.date_range(first, last, dt.timedelta(days=days), eager=True).to_list():
        within = start - dt.timedelta(days=before), start + dt.timedelta(days=days)
        own = known.filter(pl.col("day").is_between(*within, closed="left"))
        # So that a block of a table in order of time reads its own rows' part of the file, not all of it.
        offset, end = own["from_row"].min(), own["to_row"].max()
        rows = table.slice(offset, end - offset + 1) if own.height else table.clear()  # type: ignore[operator,arg-type]
        blocks[str(start)] = rows.filter(day.is_between(*within, closed="left"))
    return blocks


def _days(table: pl.LazyFrame, day: pl.Expr) -> pl.DataFrame:
    """Each `day` of the table, and the first and the last row that is of it, in one pass."""
    row = pl.col("row")
    days = table.select(day=day).with_row_index("row").drop_nulls("day")
    return (
        days.group_by("day")
        .agg(from_row=row.min().cast(pl.Int64), to_row=row.max().cast(pl.Int64))
        .collect(engine="streaming")
    )


def beside(table: pl.LazyFrame, blocks: Any, time: str, days: int) -> Any:
    """Another table's rows of the same blocks of time, each with so many days more at both ends.

    Where ``blocks`` are none but one table, the other comes back as it is.
    """
    if not isinstance(blocks, dict):
        return table
    room = dt.timedelta(days=days)
    starts = [dt.date.fromisoformat(start) for start in blocks]
    ends = [start + room for start in starts[1:]] + [dt.date.max]
    return {
        str(start): table.filter(pl.col(time).is_between(start - room, end))
        for start, end in zip(starts, ends, strict=True)
    }


def each_block(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of tables that, where some come in blocks, is called once a block."""

    @wraps(function)
    def of_each(*tables: Any) -> Any:
        blocks: Mapping[str, Any] | None = next((table for table in tables if isinstance(table, dict)), None)
        if blocks is None:
            return function(*tables)
        return {
            start: function(*[table[start] if isinstance(table, dict) else table for table in tables])
            for start in blocks
        }

    return of_each


def without_before(blocks: pl.LazyFrame | Blocks, time: str) -> pl.LazyFrame | Blocks:
    """The blocks without the rows before each, by their time."""
    if not isinstance(blocks, dict):
        return blocks
    return {start: block.filter(pl.col(time) >= dt.date.fromisoformat(start)) for start, block in blocks.items()}
