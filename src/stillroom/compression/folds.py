"""Out-of-fold predictions: what a teacher says of rows that it was not taught."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import polars as pl

from stillroom.compression.settings import OutOfFoldConfig
from stillroom.table.spec import TableSpec

# Named so that no column of a table is called the same.
FOLD = "stillroom_fold"
ROW = "stillroom_row"


def with_folds(train: pl.LazyFrame, spec: TableSpec, config: OutOfFoldConfig, seed: int) -> pl.LazyFrame:
    """Add the row's number and its fold, 0 to folds - 1.

    Folds by time are consecutive blocks of whole days with about equally many rows: a teacher that has seen
    other rows of the same day remembers the day. Rows without a time are a day of their own, the first.
    """
    numbered = train.with_row_index(ROW)
    if config.by == "random" or spec.time is None:
        return numbered.with_columns((pl.col(ROW).hash(seed) % config.folds).cast(pl.Int32).alias(FOLD))
    day = pl.col(spec.time).dt.date().fill_null(dt.date.min)
    counts = train.group_by(day.alias("day")).agg(pl.len()).sort("day").collect()
    block = counts["len"].cum_sum() * config.folds // (counts["len"].sum() + 1)
    fold = day.replace_strict(counts["day"], block.cast(pl.Int32), return_dtype=pl.Int32)
    return numbered.with_columns(fold.alias(FOLD))


def out_of_fold(
    train: pl.LazyFrame, folds: int, teach: Callable[[pl.LazyFrame, int], Callable[[pl.LazyFrame], np.ndarray]]
) -> np.ndarray:
    """Predictions of all training rows in row order, each by a teacher taught on the other folds.

    `teach(rows, fold)` returns the predictor of a teacher taught on `rows`. A fold may be empty, where one day
    has more rows than a fold; raises ValueError where only one is not.
    """
    filled = train.select(pl.col(FOLD).unique().sort()).collect()[FOLD].to_list()
    if len(filled) < 2:
        raise ValueError(f"all training rows fall into one fold of {folds}: set compress.out_of_fold.by to random")
    order, predictions = [], []
    for fold in filled:
        predictor = teach(train.filter(pl.col(FOLD) != fold), fold)
        held_out = train.filter(pl.col(FOLD) == fold)
        order.append(held_out.select(ROW).collect()[ROW].to_numpy())
        predictions.append(predictor(held_out))
    return np.concatenate(predictions)[np.argsort(np.concatenate(order))]
