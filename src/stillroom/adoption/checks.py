"""The checks that a table is declared with: what was found in it, with room for what may come."""

import math
from typing import Any

import polars as pl

from stillroom.adoption.columns import Measured


def declared_checks(columns: list[Measured], key: str | None) -> dict[str, Any]:
    """Options of `stillroom.table.checks.TableChecks` for the columns that are used.

    Half the rows; the types; numbers within what was found and as much again on both sides, none below zero where there
    were none; missing values up to twice the share that there were, and 5 % more.
    """
    options: dict[str, Any] = {"min_rows": max(columns[0].rows // 2, 1)}
    if key:
        options["key"] = [key]
    options["columns"] = {column.name: _type(column.dtype) for column in columns}
    ranges = {column.name: _room(column.low, column.high) for column in columns if _has_range(column)}
    options["ranges"] = ranges
    options["max_missing"] = {
        column.name: min(round(2 * column.missing / column.rows + 0.05, 2), 1.0) for column in columns
    }
    return options


def _type(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_temporal():
        return "datetime"
    return "number" if dtype.is_numeric() else "text"


def _has_range(column: Measured) -> bool:
    return column.dtype.is_numeric() and column.low is not None and math.isfinite(column.high - column.low)


def _room(low: float, high: float) -> list[float]:
    span = float(high - low) or 1.0
    floor = 0.0 if low >= 0 else _rounded(low - span, math.floor)
    return [floor, _rounded(high + span, math.ceil)]


def _rounded(value: float, to: Any) -> float:
    """To two digits, away from the middle: whole where it can be."""
    if value == 0:
        return 0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    rounded = float(f"{to(value / step) * step:.6g}")
    return int(rounded) if rounded.is_integer() else rounded
