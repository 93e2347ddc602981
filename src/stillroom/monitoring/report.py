"""What the monitoring found, as plain types for machines; ``page.py`` shows it to people."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from whylogs.core import DatasetProfileView

from stillroom.monitoring.distances import jensen_shannon
from stillroom.monitoring.drift import (
    PREDICTION,
    ColumnDrift,
    DailyViews,
    Scale,
    drift,
    measured,
    normalised_wasserstein,
)
from stillroom.monitoring.overlay import overlay
from stillroom.monitoring.quality import Band, Labelled, Quality, quality
from stillroom.monitoring.settings import MonitorConfig
from stillroom.monitoring.tally import Tally
from stillroom.monitoring.verdict import headline, inputs_sentence, quality_sentence
from stillroom.profiles import merge, rows
from stillroom.table.spec import Task

_OVERLAYS = 8


def drift_report(
    reference: DatasetProfileView,
    reference_days: DailyViews,
    live_days: DailyViews,
    *,
    task: Task,
    config: MonitorConfig,
    live_labels: Sequence[Labelled] = (),
    reference_labels: Sequence[Labelled] = (),
) -> dict[str, Any]:
    """Compare live days with the reference, and live quality with that of held-out reference rows.

    ``reference`` is the profile of the training split and ``reference_days`` its daily profiles, from which the
    thresholds are calibrated. Labels and either list of days may be empty, but for ``live_days``; lists are in the
    order of their dates. The answer holds str, int, float, bool, None, lists and dicts only; what is not defined is
    None. Its ``status`` is `page` when the predictions drifted or quality was lost, `ticket` when only inputs
    drifted, else `ok`.
    """
    drifts = _most_drifted_first(drift(reference, reference_days, live_days, config))
    merged = merge(view for _, view in live_days)
    scored = quality(task, live_labels, reference_labels, config) if live_labels else None
    columns = [_column(found, live_days) for found in drifts]
    for column, found in zip(columns[:_OVERLAYS], drifts, strict=False):
        live = merged.get_column(found.name)
        column["overlay"] = overlay(found.bins, reference.get_column(found.name), live)
    report = {
        "status": _status(drifts, scored),
        "task": task,
        "days": [date.isoformat() for date, _ in live_days],
        "rows": rows(merged),
        "rows_per_day": [rows(view) for _, view in live_days],
        "reference_rows": rows(reference),
        "reference_days": len(reference_days),
        "judged_days": _judged_days(drifts),
        "columns": columns,
        "quality": _quality(scored) if scored else None,
        "config": config.model_dump(),
    }
    sentences = {
        "headline": headline(report),
        "inputs_sentence": inputs_sentence(report),
        "quality_sentence": quality_sentence(report),
    }
    return _plain({**sentences, **report})


def _most_drifted_first(drifts: list[ColumnDrift]) -> list[ColumnDrift]:
    """The prediction first of all."""

    def order(found: ColumnDrift) -> tuple[bool, int, float, str]:
        peak = float(np.nan_to_num(_largest(_ratios(found)[0])))
        return found.name != PREDICTION, -int(found.alarms.sum()), -peak, found.name

    return sorted(drifts, key=order)


def _ratios(found: ColumnDrift) -> tuple[np.ndarray, np.ndarray]:
    """[days] the measure nearest to its threshold, as a multiple of it (NaN: not judged), and [days] of which scale."""
    each = np.array([np.fmax.reduce(list(scale.ratios.values())) for scale in found.scales])
    scale = np.argmax(np.nan_to_num(each, nan=-1.0), axis=0)
    return each[scale, np.arange(each.shape[1])], scale


def _largest(values: np.ndarray) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else math.nan


def _column(found: ColumnDrift, live_days: DailyViews) -> dict[str, Any]:
    dates = [date.isoformat() for date, _ in live_days]
    ratio, scale = _ratios(found)
    whole_period = found.live.windows(np.zeros(len(dates), dtype=int)).take(np.array([-1]))
    return {
        "name": found.name,
        "kind": found.kind,
        "severity": found.severity,
        "drifted": bool(found.alarms.any()),
        "began": found.began,
        "last_alarm": dates[int(np.flatnonzero(found.alarms)[-1])] if found.alarms.any() else None,
        "days_in_alarm": int(found.alarms.sum()),
        "in_alarm_at_the_end": bool(found.alarms[-1]),
        "peak": _peak(found, ratio, scale, dates),
        "period": _period(found, whole_period),
        "daily": {
            "ratio": ratio.tolist(),
            "alarm": found.alarms.tolist(),
            "window_days": [found.scales[i].days for i in scale],
        },
        "windows": [_scale(each) for each in found.scales],
    }


def _peak(found: ColumnDrift, ratio: np.ndarray, scale: np.ndarray, dates: list[str]) -> dict[str, Any] | None:
    """The day furthest beyond the threshold, of the alarming days where there are any; None where none was judged."""
    eligible = np.where(found.alarms, ratio, np.nan) if found.alarms.any() else ratio
    if not np.isfinite(eligible).any():
        return None
    day = int(np.nanargmax(eligible))
    at = found.scales[scale[day]]
    cause = max(at.ratios, key=lambda key: np.nan_to_num(at.ratios[key][day]))
    return {
        "day": dates[day],
        "window_days": at.days,
        "cause": cause,
        "value": at.measures[cause][day],
        "threshold": at.thresholds[cause][day],
        "ratio": ratio[day],
    }


def _scale(scale: Scale) -> dict[str, Any]:
    return {
        "days": scale.days,
        **{key: value.tolist() for key, value in scale.measures.items()},
        "js": scale.js.tolist(),
        "wasserstein": scale.wasserstein.tolist(),
        "thresholds": {key: value.tolist() for key, value in scale.thresholds.items()},
        "alarm": scale.alarms.tolist(),
    }


def _period(found: ColumnDrift, live: Tally) -> dict[str, float]:
    """The measures of all live days as one window."""
    reference = found.reference
    return {
        **{key: float(value[0]) for key, value in measured(live, reference).items()},
        "js": float(jensen_shannon(live.counts, reference.counts)[0]),
        "wasserstein": float(normalised_wasserstein(found.bins, live, reference)[0]),
        "missing": float(1 - live.present[0] / live.rows[0]) if live.rows[0] else math.nan,
        "missing_before": float(1 - reference.present[0] / reference.rows[0]),
    }


def _quality(scored: Quality) -> dict[str, Any]:
    return {
        "metric": scored.metric,
        "days": [date.isoformat() for date in scored.dates],
        "rows": scored.rows,
        "value": [band.value for band in scored.bands],
        "low": [band.low for band in scored.bands],
        "high": [band.high for band in scored.bands],
        "alarm": scored.alarms.tolist(),
        "lost": bool(scored.alarms.any()),
        "began": scored.began,
        "limit": scored.limit,
        "after": scored.scores,
        "before": scored.before,
        "band": _band(scored.band),
        "band_before": _band(scored.band_before) if scored.band_before else None,
    }


def _band(band: Band) -> dict[str, float]:
    return {"value": band.value, "low": band.low, "high": band.high}


def _judged_days(drifts: list[ColumnDrift]) -> int:
    """On how many days at least one window had enough rows."""
    judged = [np.isfinite(scale.measures["missing_change"]) for found in drifts for scale in found.scales]
    return int(np.any(judged, axis=0).sum()) if judged else 0


def _status(drifts: list[ColumnDrift], scored: Quality | None) -> str:
    severities = {found.severity for found in drifts if found.alarms.any()}
    if "page" in severities or (scored is not None and scored.alarms.any()):
        return "page"
    return "ticket" if severities else "ok"


def _plain(value: Any) -> Any:
    """The same without NumPy's types, dates, NaN and infinities, floats to six figures."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return value.item()
    return value.isoformat() if hasattr(value, "isoformat") else value
