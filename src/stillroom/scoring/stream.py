"""Scoring with Polars: read, scored and written in pieces, on all cores, whatever the size of the table."""

import os
from collections.abc import Callable
from threading import Lock

import polars as pl
from tqdm import tqdm

from stillroom.scoring.checks import check_table
from stillroom.scoring.scorer import Scorer

Score = Callable[[pl.DataFrame], pl.DataFrame]


def score_stream(table: pl.LazyFrame, scorer: Scorer, progress: bool = False) -> pl.LazyFrame:
    """A lazy query for the scores of a lazy table, in its order; sinking it into a file runs it.

    Polars' streaming engine hands piece after piece to the model, on as many threads as it has, and keeps a few row
    groups in memory: one is read ahead, in this process from now on, unless POLARS_ROW_GROUP_PREFETCH_SIZE says more.
    Raises InputError where the table does not fit.
    """
    # By itself Polars 2.1 reads 128 ahead: three times the memory, and a tenth more of the cores' time, for pages.
    os.environ.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "1")
    columns = table.collect_schema()
    check_table(columns, scorer)
    score: Score = scorer.score
    if progress:
        score = _shown(score, table.select(pl.len()).collect().item())
    return table.select(scorer.ready(columns)).map_batches(
        score, streamable=True, schema=scorer.schema(columns), projection_pushdown=False, predicate_pushdown=False
    )


def _shown(score: Score, total: int) -> Score:
    """The same, with a progress bar on a terminal."""
    bar = tqdm(desc="scored", total=total, unit=" rows", unit_scale=True, disable=None)
    turn = Lock()

    def shown(ready: pl.DataFrame) -> pl.DataFrame:
        scores = score(ready)
        with turn:
            bar.update(ready.height)
            if bar.n >= total:
                bar.close()
        return scores

    return shown
