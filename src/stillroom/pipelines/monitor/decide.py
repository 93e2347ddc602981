"""Nodes that say what to do about the champion, by the split that it was trained on."""

from typing import Any

import polars as pl
from pydantic import TypeAdapter

from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.monitoring.decision import Decision, RetrainConfig, decide, retraining_window
from stillroom.table.errors import InputError
from stillroom.table.spec import RandomSplit, TableSpec, TimeSplit
from stillroom.table.split import with_split

Split = TimeSplit | RandomSplit
_SPLIT: TypeAdapter[Split] = TypeAdapter(Split)


def split_as_trained(
    champion: Champion, champion_model: Release | None, training_table: pl.LazyFrame, table: TableSpec
) -> tuple[pl.LazyFrame, Split]:
    """The table with the parts that the champion knew, and their split: what came after them is live."""
    if champion_model is None:
        raise InputError(f"table {table.name} has no champion to watch: `kedro run` releases one")
    known = champion_model.metadata.get("split")
    split = _SPLIT.validate_python(known) if known else table.split
    if table.time is None:
        return training_table, split
    return with_split(training_table, table.model_copy(update={"split": split})), split


def decide_on(
    drift_report: dict[str, Any],
    champion: Champion,
    watched_table: pl.LazyFrame,
    watched_split: Split,
    table: TableSpec,
    retrain: RetrainConfig,
) -> Decision:
    """Healthy, warn or retrain, with reasons, and the split to train on."""
    window, no_window = None, f"Table {table.name} has no time, by which new rows could be told from old ones."
    if table.time and isinstance(watched_split, TimeSplit) and isinstance(table.split, TimeSplit):
        labelled = watched_table.filter(pl.col(table.target).is_not_null()).select(pl.col(table.time).dt.date())
        first, last = labelled.select(first=pl.all().min(), last=pl.all().max()).collect().row(0)
        window, no_window = retraining_window(table.split, watched_split, first, last, retrain)
    return decide(drift_report, str(champion.tag), window, no_window, retrain)
