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
    first, last = table.select(first=day.min(), last=day.max()).collect().row(0)
    if first is None or (last - first).days < days:
        return table
    starts = pl.date_range(first, last, dt.timedelta(days=days), eager=True).to_list()
    within = [
        day.is_between(start - dt.timedelta(days=before), start + dt.timedelta(days=days), closed="left")
        for start in starts
    ]
    # So that a block of a table in order of time reads its own rows' part of the file, not all of it.
    spans = _spans(table, within)
    return {
        str(start): table.slice(*span).filter(inside) for start, span, inside in zip(starts, spans, within, strict=True)
    }


def _spans(table: pl.LazyFrame, masks: list[pl.Expr]) -> list[tuple[int, int]]:
    """For each mask the first row that it holds for, and how many rows there are up to the last."""
    row = pl.int_range(pl.len()).cast(pl.Int64)
    found = table.select(
        pl.concat_list(row.filter(mask).min(), row.filter(mask).max()).alias(str(number))
        for number, mask in enumerate(masks)
    )
    return [(0, 0) if first is None else (first, last - first + 1) for first, last in found.collect().row(0)]


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
