"""Out-of-fold predictions: what a teacher says of rows that it was not taught."""

import datetime as dt
from collections.abc import Callable
from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field

from stillroom.table.errors import InputError
from stillroom.table.spec import Declared, TableSpec
from stillroom.training.trees import TreesConfig

# Named so that no column of a table is called the same.
FOLD = "stillroom_fold"
ROW = "stillroom_row"


class OutOfFoldConfig(Declared):
    """How the training rows get predictions of a teacher that has not seen them.

    ``teachers`` are averaged: `model` is the declared model, `trees` LightGBM. ``by`` cuts the folds: `group` by the
    table's `group`, whose rows stay together, `time` into consecutive blocks of whole days, `random` row by row, `auto`
    as the table has a group, a time, or neither. ``max_epochs`` are a network's. With ``folds`` 1
    there are none: the run's own teacher, and trees taught all training rows, label the rows that they were taught.
    """

    teachers: list[Literal["model", "trees"]] = Field(min_length=1)
    max_epochs: int = Field(gt=0)
    trees: TreesConfig = TreesConfig()
    folds: int = Field(default=4, ge=1)
    by: Literal["auto", "group", "time", "random"] = "auto"


def with_folds(train: pl.LazyFrame, spec: TableSpec, config: OutOfFoldConfig, seed: int) -> pl.LazyFrame:
    """Add the row's number and its fold, 0 to folds - 1.

    Folds by time are consecutive blocks of whole days with about equally many rows: a teacher that has seen
    other rows of the same day remembers the day. Rows without a time are a day of their own, the first; rows without a
    group are a group. Raises InputError where the table has no such column.
    """
    numbered, by = train.with_row_index(ROW), _folded_by(spec, config)
    if by == "time":
        return numbered.with_columns(_time_blocks(train, pl.col(spec.time or ""), config.folds).alias(FOLD))
    key = pl.col(spec.group) if by == "group" and spec.group else pl.col(ROW)
    return numbered.with_columns((key.hash(seed) % config.folds).cast(pl.Int32).alias(FOLD))


def _folded_by(spec: TableSpec, config: OutOfFoldConfig) -> str:
    there = {"group": spec.group, "time": spec.time, "random": "row"}
    by = next(name for name, column in there.items() if column) if config.by == "auto" else config.by
    if there[by] is None:
        raise InputError(f"compress.out_of_fold.by is {by}, but the table {spec.name} declares no `{by}` column")
    return by


def _time_blocks(train: pl.LazyFrame, time: pl.Expr, folds: int) -> pl.Expr:
    day = time.dt.date().fill_null(dt.date.min)
    counts = train.group_by(day.alias("day")).agg(pl.len()).sort("day").collect()
    block = counts["len"].cum_sum() * folds // (counts["len"].sum() + 1)
    return day.replace_strict(counts["day"], block.cast(pl.Int32), return_dtype=pl.Int32)


def out_of_fold(
    train: pl.LazyFrame, folds: int, teach: Callable[[pl.LazyFrame, int], Callable[[pl.LazyFrame], np.ndarray]]
) -> np.ndarray:
    """Predictions of all training rows in row order, each by a teacher taught on the other folds.

    `teach(rows, fold)` returns the predictor of a teacher taught on `rows`. A fold may be empty, where one day or group
    has more rows than a fold; raises InputError where only one is not.
    """
    filled = train.select(pl.col(FOLD).unique().sort()).collect()[FOLD].to_list()
    if len(filled) < 2:
        raise InputError(f"all training rows fall into one fold of {folds}: set compress.out_of_fold.by to random")
    order, predictions = [], []
    for fold in filled:
        predictor = teach(train.filter(pl.col(FOLD) != fold), fold)
        held_out = train.filter(pl.col(FOLD) == fold)
        order.append(held_out.select(ROW).collect()[ROW].to_numpy())
        predictions.append(predictor(held_out))
    return np.concatenate(predictions)[np.argsort(np.concatenate(order))]
