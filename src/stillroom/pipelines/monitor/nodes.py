"""Nodes of the monitor pipeline."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
from whylogs.core import DatasetProfileView

from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.monitoring.page import drift_page
from stillroom.monitoring.quality import Labelled
from stillroom.monitoring.report import drift_report
from stillroom.monitoring.settings import MonitorConfig
from stillroom.pipelines.columns import raw_columns
from stillroom.profiles import merge
from stillroom.serving.model import Model
from stillroom.serving.replay import replay
from stillroom.table.encoding import Encoding
from stillroom.table.errors import InputError
from stillroom.table.spec import TableSpec
from stillroom.table.split import part

Days = dict[dt.date, DatasetProfileView]


def profile_reference(
    champion: Champion, champion_model: Release, training_table: pl.LazyFrame, table: TableSpec
) -> tuple[DatasetProfileView, Days]:
    """Profile the training split and the champion's predictions of it: as a whole, and day by day."""
    profiles, _, _ = _replayed(champion_model, part(training_table, "train"), table)
    return merge(profiles.values()), profiles


def replay_held_out(
    champion: Champion, champion_model: Release, training_table: pl.LazyFrame, encoding: Encoding, table: TableSpec
) -> list[Labelled]:
    """What the champion says of the test split, beside what came true: the quality to expect when live."""
    _, labels, _ = _replayed(champion_model, part(training_table, "test"), table, encoding)
    return labels


def replay_live(
    champion: Champion, champion_model: Release, training_table: pl.LazyFrame, encoding: Encoding, table: TableSpec
) -> tuple[Days, list[Labelled]]:
    """Replay the live part in daily batches through the served model and its profile path."""
    profiles, labels, rows = _replayed(champion_model, part(training_table, "live"), table, encoding)
    if not rows:
        raise InputError(f"table {table.name}: there are no live rows to replay; declare `split.live`")
    return profiles, labels


def compare(
    reference_profile: DatasetProfileView,
    reference_days: Days,
    live_profiles: Days,
    live_labels: list[Labelled],
    held_out_labels: list[Labelled],
    table: TableSpec,
    monitor: MonitorConfig,
) -> tuple[dict[str, Any], str]:
    """Which columns drifted, when and how much, and what the live quality became: for machines and for people."""
    report = drift_report(
        reference_profile,
        sorted(reference_days.items()) if table.time else [],
        sorted(live_profiles.items()),
        task=table.task,
        config=monitor,
        live_labels=live_labels,
        reference_labels=held_out_labels,
    )
    return report, drift_page(report, title=f"Drift report: {table.name}")


def _replayed(
    release: Release, frame: pl.LazyFrame, table: TableSpec, encoding: Encoding | None = None
) -> tuple[Days, list[Labelled], int]:
    day = pl.col(table.time).dt.date() if table.time else pl.lit(dt.date(1970, 1, 1))
    target = encoding.target.expression() if encoding else pl.lit(None, pl.Float32)
    rows = frame.with_columns(day.alias("stillroom_day"), target.alias("stillroom_target")).collect()
    if rows.is_empty():
        return {}, [], 0
    days = rows["stillroom_day"].to_numpy()
    model = Model(release.onnx)
    profiles, predictions = replay(model, raw_columns(rows, model.signature), days)
    known = ~np.isnan(truth := rows["stillroom_target"].cast(pl.Float64).fill_null(float("nan")).to_numpy())
    labels = [
        Labelled(date, truth[chosen], predictions[chosen])
        for date in profiles
        if (chosen := np.flatnonzero(known & (days == np.datetime64(date)))).size
    ]
    return profiles, labels, rows.height
