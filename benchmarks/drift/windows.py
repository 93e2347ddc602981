"""Windows drawn from the reference's own period: weeks held out in turn, the other weeks being the reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from stillroom.pipelines.columns import raw_columns
from stillroom.serving.model import Model, as_columns
from stillroom.table.split import part, reference_rows

ROOT = Path(__file__).parents[2]
WEEK, FOLDS = 7, 5


@dataclass(frozen=True)
class Fold:
    """Days (indices) of the reference, and the weeks held out of it."""

    reference: np.ndarray
    weeks: list[np.ndarray]


def flights() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The champion's inputs with its `prediction` and `day`: of the reference period, and of the live part."""
    bootstrap_project(ROOT)
    with KedroSession.create(project_path=ROOT) as session:
        catalog = session.load_context().catalog
        table, release, spec = (catalog.load(n) for n in ("training_table", "champion_model", "params:table"))
    model = Model(release.onnx)
    reference, live = (
        _predicted(rows.collect(), model, spec.time) for rows in (reference_rows(table, spec), part(table, "live"))
    )
    return reference, live


def _predicted(rows: pl.DataFrame, model: Model, time: str) -> pl.DataFrame:
    columns = raw_columns(rows, model.signature)
    return (
        rows.select(*columns, day=pl.col(time).dt.date())
        .with_columns(prediction=pl.Series(model.predict(as_columns(model.signature, columns))).cast(pl.Float64))
        .sort("day")
    )


def shuffled(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The same rows on other days: nothing is left that makes one week unlike another but chance."""
    order = np.random.default_rng(seed).permutation(rows.height)
    return rows.drop("day")[order].with_columns(rows["day"])


def folds(days: int, windows: int, seed: int = 0) -> Iterator[Fold]:
    """So many weeks in all; each round cuts the period from another day on and deals its weeks anew."""
    rng = np.random.default_rng(seed)
    left = windows
    while left > 0:
        weeks = [np.arange(start, start + WEEK) for start in range(rng.integers(WEEK), days - WEEK + 1, WEEK)]
        order = rng.permutation(len(weeks))
        for i in range(FOLDS):
            held = [weeks[j] for j in order[i::FOLDS]][:left]
            if held:
                yield Fold(np.setdiff1d(np.arange(days), np.concatenate([weeks[j] for j in order[i::FOLDS]])), held)
            left -= len(held)
