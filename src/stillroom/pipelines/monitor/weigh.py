"""Nodes that need rows: what the columns mean to the model, and whether live rows can be told from reference rows."""

from typing import Any

import polars as pl

from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.monitoring.domain import tell_apart
from stillroom.monitoring.importance import permutation_importance, weighed
from stillroom.monitoring.settings import MonitorConfig
from stillroom.pipelines.columns import raw_columns
from stillroom.serving.model import Model, as_columns
from stillroom.table.encoding import Encoding
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC, score
from stillroom.table.spec import TableSpec
from stillroom.table.split import part, reference_rows


def weigh(
    drift_report: dict[str, Any],
    champion: Champion,
    champion_model: Release,
    watched_table: pl.LazyFrame,
    encoding: Encoding,
    table: TableSpec,
    monitor: MonitorConfig,
) -> dict[str, Any]:
    """Each column's importance to the champion on held-out rows, and its drift at the peak weighed by it."""
    rows = part(watched_table, "test").with_columns(stillroom_truth=encoding.target.expression()).collect()
    rows = rows.filter(
        pl.col("stillroom_truth").is_not_null() & pl.col("stillroom_truth").cast(pl.Float64).is_not_nan()
    )
    rows = rows.sample(min(monitor.importance_rows, rows.height), seed=monitor.seed)
    if rows.is_empty():
        return {"metric": MAIN_METRIC[table.task], "rows": 0, "importance": {}, "weighed": {}}
    model, truth, metric = Model(champion_model.onnx), rows["stillroom_truth"].to_numpy(), MAIN_METRIC[table.task]
    sign = 1 if HIGHER_IS_BETTER[metric] else -1

    def quality(columns: Any) -> float:
        return sign * score(table.task, truth, model.predict(columns))[metric]

    inputs = as_columns(model.signature, raw_columns(rows, model.signature))
    importance = permutation_importance(quality, inputs, repeats=2, seed=monitor.seed)
    peaks = {column["name"]: (column["peak"] or {}).get("ratio") or 0.0 for column in drift_report["columns"]}
    inputs_only = {name: ratio for name, ratio in peaks.items() if name in importance}
    ranked = dict(sorted(importance.items(), key=lambda item: -item[1]))
    return {"metric": metric, "rows": rows.height, "importance": ranked, "weighed": weighed(inputs_only, importance)}


def tell_rows_apart(
    champion: Champion, champion_model: Release, watched_table: pl.LazyFrame, table: TableSpec, monitor: MonitorConfig
) -> dict[str, Any]:
    """Whether a small classifier can tell the live rows from those of the days that the champion was trained on.

    Empty where it is off, or there are no live rows.
    """
    signature = Model(champion_model.onnx).signature
    names = [each.name for each in signature.inputs if each.scalar]
    reference, live = reference_rows(watched_table, table).collect(), part(watched_table, "live").collect()
    if not names or min(reference.height, live.height) < monitor.domain.folds:
        return {}
    found = tell_apart(reference.select(names), live.select(names), monitor.domain)
    return found.model_dump() if found else {}
