"""What the monitoring found, as plain types for machines; ``page.py`` shows it to people."""

import math
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
from stillroom.monitoring.settings import MonitorConfig
from stillroom.monitoring.tally import Tally
from stillroom.monitoring.verdict import (
    estimate_sentence,
    headline,
    inputs_sentence,
    is_estimated_lost,
    quality_sentence,
    reasons,
)
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
    quality: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Compare live days with the reference, and say what became of live quality.

    ``reference`` is the profile of the training split and ``reference_days`` its daily profiles, from which the
    thresholds are calibrated; there may be none. Lists are in the order of their dates. ``quality`` is what
    ``quality_report`` found. The answer holds str, int, float, bool, None, lists and dicts only; what is not defined
    is None. Its ``status`` is `page` when the predictions drifted or quality was lost, by labels or by the estimate
    where these have not come, `ticket` when only inputs drifted, else `ok`; ``reasons`` says why.
    """
    drifts = _most_drifted_first(drift(reference, reference_days, live_days, config))
    merged = merge(view for _, view in live_days)
    columns = [_column(found, live_days) for found in drifts]
    for column, found in zip(columns[:_OVERLAYS], drifts, strict=False):
        live = merged.get_column(found.name)
        column["overlay"] = overlay(found.bins, reference.get_column(found.name), live)
    report = _plain(
        {
            "status": _status(drifts, quality),
            "task": task,
            "days": [date for date, _ in live_days],
            "rows": rows(merged),
            "rows_per_day": [rows(view) for _, view in live_days],
            "reference_rows": rows(reference),
            "reference_days": len(reference_days),
            "judged_days": _judged_days(drifts),
            "columns": columns,
            "quality": quality,
            "config": config.model_dump(),
        }
    )
    sentences = {
        "headline": headline(report),
        "inputs_sentence": inputs_sentence(report),
        "quality_sentence": quality_sentence(report),
        "estimate_sentence": estimate_sentence(report),
    }
    return {**sentences, "reasons": reasons(report), **report}


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
    ratios = {key: float(np.nan_to_num(each[day])) for key, each in at.ratios.items()}
    # PSI grows as the square of what the others measure.
    cause = max(ratios, key=lambda key: ratios[key] ** (0.5 if key == "psi" else 1))
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
        "js": scale.js.tolist(),
        "wasserstein": scale.wasserstein.tolist(),
        **{key: value.tolist() for key, value in scale.measures.items()},
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


def _judged_days(drifts: list[ColumnDrift]) -> int:
    """On how many days at least one window had enough rows."""
    judged = [np.isfinite(scale.measures["missing_change"]) for found in drifts for scale in found.scales]
    return int(np.any(judged, axis=0).sum()) if judged else 0


def _status(drifts: list[ColumnDrift], quality: dict[str, Any] | None) -> str:
    severities = {found.severity for found in drifts if found.alarms.any()}
    if "page" in severities or (quality and (quality["lost"] or is_estimated_lost(quality))):
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
