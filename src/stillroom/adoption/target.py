"""What is to be predicted: the task that a target column sets, and the classes with too few rows to be learnt."""

from dataclasses import dataclass, field

import polars as pl

from stillroom.adoption.columns import RARE, Measured
from stillroom.adoption.roles import figure
from stillroom.table.errors import InputError
from stillroom.table.spec import Task

MOST_CLASSES = 200
MOST_WHOLE_NUMBERS = 20
FEWEST_OF_TWO = 20


@dataclass(frozen=True)
class Aim:
    """The task and why it is that; ``rare`` are the classes whose rows will count as unlabelled."""

    task: Task
    why: str
    rare: list[str] = field(default_factory=list)


def find_aim(frame: pl.LazyFrame, column: Measured, wished: Task | None) -> Aim:
    """The task of a target. Raises InputError where there is nothing to learn, or not the wished task."""
    if not column.present or column.distinct < 2:
        what = "missing in every row" if not column.present else "constant: every row has the same value"
        raise InputError(f"the target {column.name} is {what}, so there is nothing to learn")
    if not (column.dtype.is_numeric() or column.dtype in (pl.String, pl.Boolean)):
        raise InputError(f"the target {column.name} is {column.dtype}: name a column of numbers, texts or truth values")
    task = wished or _task(frame, column)
    if task == "regression":
        return _regression(column)
    if task == "binary" and column.distinct != 2:
        raise InputError(f"--task binary: the target {column.name} has {column.distinct:,} different values, not two")
    return _classes(frame, column, task)


def _task(frame: pl.LazyFrame, column: Measured) -> Task:
    if column.distinct == 2:
        return "binary"
    if column.dtype == pl.String:
        return "multiclass"
    if column.distinct > MOST_WHOLE_NUMBERS or column.present / column.distinct < RARE:
        return "regression"
    value = pl.col(column.name)
    whole = column.dtype.is_integer() or frame.select((value == value.round()).all()).collect().item()
    return "multiclass" if whole else "regression"


def _regression(column: Measured) -> Aim:
    if not column.dtype.is_numeric():
        raise InputError(f"--task regression: the target {column.name} holds {column.dtype}, no numbers")
    return Aim(
        "regression",
        f"{column.distinct:,} different numbers, {figure(column.low)} to {figure(column.high)}{_gaps(column)}",
    )


def _classes(frame: pl.LazyFrame, column: Measured, task: Task) -> Aim:
    if column.distinct > MOST_CLASSES:
        raise InputError(
            f"the target {column.name} has {column.distinct:,} different values, more than the {MOST_CLASSES} classes "
            "that can be told apart: name another target, or group the values in a query (--sql)"
        )
    counts = frame.group_by(pl.col(column.name).cast(pl.String).alias("value")).len().drop_nulls().collect()
    rows = dict(sorted(counts.iter_rows()))
    if task == "binary":
        return _two_classes(column, rows)
    rare = [value for value, count in rows.items() if count < RARE]
    if len(rows) - len(rare) < 2:
        raise InputError(f"fewer than two classes of the target {column.name} have {RARE} rows or more")
    left = f"; {len(rare)} with fewer than {RARE} rows cannot be learnt, their rows count as unlabelled" if rare else ""
    kind = "whole numbers that take few values (--task regression if they count something)"
    what = f", {kind}" if column.dtype.is_numeric() else ""
    return Aim(task, f"{len(rows)} classes{what}{left}{_gaps(column)}", rare)


def _two_classes(column: Measured, rows: dict[str, int]) -> Aim:
    (first, _), (second, positive) = rows.items()
    fewest = min(rows, key=lambda value: rows[value])
    if rows[fewest] < FEWEST_OF_TWO:
        raise InputError(
            f"only {rows[fewest]} rows have {fewest!r} as their {column.name}: to learn, to validate and to test "
            f"takes at least {FEWEST_OF_TWO}"
        )
    share = positive / column.present
    return Aim(
        "binary", f"two values, {first!r} and {second!r}; predicted is {second!r}, {share:.1%} of rows{_gaps(column)}"
    )


def _gaps(column: Measured) -> str:
    return f"; {column.missing:,} rows without take no part" if column.missing else ""
