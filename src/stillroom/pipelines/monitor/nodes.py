"""Nodes of the monitor pipeline."""

import datetime as dt
from typing import Any

import polars as pl
from whylogs.core import DatasetProfileView

from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.monitoring import MonitorConfig, Outcomes, drift_report, join_labels, quality_report
from stillroom.monitoring.quality.labels import DAY, MODEL, prediction_columns
from stillroom.pipelines.columns import raw_columns
from stillroom.profiles import merge
from stillroom.serving.model import Model
from stillroom.serving.replay import replay
from stillroom.serving.row_ids import row_hash
from stillroom.table.encoding import Encoding, Target
from stillroom.table.errors import NothingLiveError
from stillroom.table.kinds import KINDS
from stillroom.table.spec import TableSpec
from stillroom.table.split import part, reference_rows

HASHED = "row_id"
BATCH = 50_000
"""Rows that are replayed at once, of however many."""
Days = dict[dt.date, DatasetProfileView]


def profile_reference(
    champion: Champion, champion_model: Release, training_table: pl.LazyFrame, table: TableSpec
) -> tuple[DatasetProfileView, Days]:
    """Profile the days trained on and the champion's predictions of them: as a whole, and day by day."""
    profiles, _ = _replayed(champion_model, _identified(reference_rows(training_table, table), table), [])
    return merge(profiles.values()), profiles


def replay_held_out(
    champion: Champion,
    champion_model: Release,
    training_table: pl.LazyFrame,
    encoding: Encoding,
    table: TableSpec,
    monitor: MonitorConfig,
) -> Outcomes:
    """What the champion says of the test split, beside what came true: the quality to expect when live."""
    rows = _identified(part(training_table, "test"), table)
    _, said = _replayed(champion_model, rows, [_identifier(table), DAY])
    predictions = _kept(said, champion, encoding.target)
    outcomes, _ = join_labels(predictions, rows, _identifier(table), encoding.target, _slicing(table, monitor))
    return outcomes


def replay_live(
    champion: Champion, champion_model: Release, training_table: pl.LazyFrame, encoding: Encoding, table: TableSpec
) -> tuple[Days, pl.LazyFrame]:
    """Replay the live part in daily batches through the served model: its profiles, and its predictions by row."""
    rows = _identified(part(training_table, "live"), table)
    profiles, said = _replayed(champion_model, rows, [_identifier(table), DAY])
    if not profiles:
        raise NothingLiveError(f"table {table.name}: there are no live rows to replay; declare `split.live`")
    return profiles, _kept(said, champion, encoding.target)


def replay_labels(training_table: pl.LazyFrame, table: TableSpec, monitor: MonitorConfig) -> pl.LazyFrame:
    """The labels of the live part, where they are known, as they would come later: with the rows' identifiers."""
    rows = _identified(part(training_table, "live"), table)
    slicing = [column for column in _slicing(table, monitor) if column in rows.collect_schema().names()]
    return rows.filter(pl.col(table.target).is_not_null()).select(_identifier(table), table.target, *slicing)


def judge_quality(
    live_predictions: pl.LazyFrame | None,
    late_labels: pl.LazyFrame | None,
    held_out: Outcomes,
    encoding: Encoding,
    table: TableSpec,
    monitor: MonitorConfig,
) -> dict[str, Any]:
    """Join the labels that have come, score what they tell of, estimate the rest, and find the worst slices.

    A service keeps hashes of the rows' identifiers, in the column `row_id`: those of the labels are then hashed too.
    Empty where no predictions were kept.
    """
    if live_predictions is None:
        return {}
    identifier, slicing = _identifier(table), _slicing(table, monitor)
    if late_labels is None:
        late_labels = pl.LazyFrame(schema={identifier: pl.String, table.target: pl.Float64})
    if HASHED in live_predictions.collect_schema().names() and identifier != HASHED:
        late_labels = late_labels.with_columns(_hashed(pl.col(identifier), monitor).alias(HASHED))
        identifier = HASHED
    live, counts = join_labels(live_predictions, late_labels, identifier, encoding.target, slicing)
    return quality_report(live, held_out, monitor, counts)


def compare(
    reference_profile: DatasetProfileView,
    reference_days: Days,
    live_profiles: Days,
    live_quality: dict[str, Any],
    table: TableSpec,
    monitor: MonitorConfig,
) -> dict[str, Any]:
    """Which columns drifted, when and how much, and what the live quality became."""
    return drift_report(
        reference_profile,
        sorted(reference_days.items()) if table.time else [],
        sorted(live_profiles.items()),
        task=table.task,
        config=monitor,
        quality=live_quality or None,
    )


def _identifier(table: TableSpec) -> str:
    return table.row_id or "row"


def _hashed(identifier: pl.Expr, monitor: MonitorConfig) -> pl.Expr:
    key = monitor.ids_key.get_secret_value()
    return identifier.cast(pl.String).map_elements(lambda each: row_hash(each, key), pl.String)


def _slicing(table: TableSpec, monitor: MonitorConfig) -> list[str]:
    return (
        list(monitor.slices)
        if monitor.slices is not None
        else [c for c in table.columns if KINDS[table.kind_of(c)].CODED]
    )


def _identified(rows: pl.LazyFrame, table: TableSpec) -> pl.LazyFrame:
    """The rows with their `day` and identifier: the declared one, or where there is none a number."""
    day = pl.col(table.time).dt.date() if table.time else pl.lit(dt.date(1970, 1, 1))
    rows = rows.with_columns(day.alias(DAY))
    return rows if table.row_id else rows.with_columns(pl.int_range(pl.len()).alias(_identifier(table)))


def _replayed(release: Release, rows: pl.LazyFrame, keep: list[str]) -> tuple[Days, list[tuple[pl.DataFrame, Any]]]:
    """Replay rows batch by batch: each day's profile, and each batch's columns to keep with its predictions."""
    model, profiles, said = Model(release.onnx), dict[dt.date, DatasetProfileView](), []
    for batch in rows.collect_batches(chunk_size=BATCH):
        if batch.is_empty():
            continue
        found, predictions = replay(model, raw_columns(batch, model.signature), batch[DAY].to_numpy())
        both = profiles.keys() & found.keys()
        profiles |= found | {day: merge([profiles[day], found[day]]) for day in both}
        said.append((batch.select(keep), predictions if keep else None))
    return profiles, said


def _kept(said: list[tuple[pl.DataFrame, Any]], champion: Champion, target: Target) -> pl.LazyFrame:
    """Predictions with what they are known by, as they are kept until their labels come."""
    names = prediction_columns(target)
    parts = [
        rows.with_columns(pl.lit(champion.tag).alias(MODEL)).hstack(
            pl.from_numpy(predictions.reshape(rows.height, -1), names)
        )
        for rows, predictions in said
    ]
    return pl.concat(parts).lazy()
