"""Live quality as plain types, for the drift report."""

from typing import Any

import numpy as np

from stillroom.monitoring.quality.bands import Band, Bands
from stillroom.monitoring.quality.calibration import calibration_curve
from stillroom.monitoring.quality.estimate import method_of
from stillroom.monitoring.quality.judge import Quality, Series, quality
from stillroom.monitoring.quality.outcomes import Outcomes
from stillroom.monitoring.quality.slices import Slices
from stillroom.monitoring.settings import MonitorConfig
from stillroom.table.metrics import HIGHER_IS_BETTER


def quality_report(
    live: Outcomes, held_out: Outcomes, config: MonitorConfig, counts: dict[str, int] | None = None
) -> dict[str, Any]:
    """Judge live predictions by their labels, and by an estimate where these have not come.

    ``counts`` is what ``join_labels`` found. Figures of windows are lists by day. `lost` says that the main metric was
    lost by labels, since `began`; `estimate` holds what was expected of the same windows without looking at their
    labels, and whether it alone says that quality was lost, where there were too few labels; it is None for a
    regression, which says no probabilities, and without held-out labels of two classes. `is_surprise` says that the
    truth lies outside the band of the estimate of the same rows: changed inputs alone do not explain it.
    """
    found = quality(live, held_out, config)
    known, held_out = live.known, held_out.known
    return {
        "metric": found.metric,
        "higher_is_better": HIGHER_IS_BETTER[found.metric],
        "labels": counts or {"predictions": len(live), "labelled": len(known), "waiting": len(live) - len(known)},
        "days": found.days,
        **_truth(found),
        "estimate": _estimate(found, held_out) if found.estimated else None,
        "before": _figures(found.before),
        "limit": found.limit,
        "alarm": found.alarms.tolist(),
        "lost": bool(found.alarms.any()),
        "began": _began(found, found.alarms),
        "calibration": {
            "live": calibration_curve(known, config.confidence) if len(known) else None,
            "before": calibration_curve(held_out, config.confidence) if len(held_out) else None,
        },
        "slices": _slices(found.slices, list(live.slices), config) if found.slices else None,
    }


def _truth(found: Quality) -> dict[str, Any]:
    if found.truth is None:
        return {"rows": [0] * len(found.days), "judged_days": 0, "figures": None, "whole": None}
    return {
        "rows": found.truth.rows.tolist(),
        "judged_days": int(np.isfinite(found.truth.windows[found.metric].value).sum()),
        "figures": _windows(found.truth),
        "whole": _figures(found.truth.whole),
    }


def _estimate(found: Quality, held_out: Outcomes) -> dict[str, Any]:
    estimated = found.estimated
    assert estimated is not None
    return {
        "method": method_of(held_out),
        "calibrated_on": len(held_out),
        "rows": estimated.rows.tolist(),
        "figures": _windows(estimated),
        "whole": _figures(estimated.whole),
        "of_labelled": _figures(found.expected.whole) if found.expected else None,
        **_against_truth(found),
        "alarm": found.estimated_alarms.tolist(),
        "lost": bool(found.estimated_alarms.any()),
        "began": _began(found, found.estimated_alarms),
    }


def _against_truth(found: Quality) -> dict[str, Any]:
    """How the estimate of labelled rows fared, in the windows that labels could judge too."""
    if found.truth is None or found.expected is None:
        return {"mean_difference": None, "share_inside": None, "is_surprise": False}
    expected, true = found.expected.windows[found.metric], found.truth.windows[found.metric].value
    both = np.isfinite(expected.value) & np.isfinite(true)
    if not both.any():
        return {"mean_difference": None, "share_inside": None, "is_surprise": False}
    whole = found.expected.whole[found.metric]
    return {
        "mean_difference": float(np.abs(expected.value - true)[both].mean()),
        "share_inside": float(((expected.low <= true) & (true <= expected.high))[both].mean()),
        "is_surprise": not whole.low <= found.truth.whole[found.metric].value <= whole.high,
    }


def _slices(found: Slices, columns: list[str], config: MonitorConfig) -> dict[str, Any]:
    worst = [
        {
            "column": each.column,
            "category": each.category,
            "rows": each.rows,
            **_band(each.now),
            "before": _band(each.before) if each.before else None,
            "said": each.said,
            "came": each.came,
            "is_worse": is_worse,
        }
        for each, is_worse in zip(found.worst, found.is_worse, strict=True)
    ]
    return {
        "columns": columns,
        "min_rows": config.slice_rows,
        "judged": found.judged,
        "too_few": found.too_few,
        "worst": worst,
    }


def _windows(series: Series) -> dict[str, dict[str, list[float]]]:
    return {name: _lists(bands) for name, bands in series.windows.items()}


def _lists(bands: Bands) -> dict[str, list[float]]:
    return {"value": bands.value.tolist(), "low": bands.low.tolist(), "high": bands.high.tolist()}


def _figures(bands: dict[str, Band] | None) -> dict[str, dict[str, float]] | None:
    return {name: _band(band) for name, band in bands.items()} if bands else None


def _band(band: Band) -> dict[str, float]:
    return band._asdict()


def _began(found: Quality, alarms: np.ndarray) -> Any:
    return found.days[int(np.argmax(alarms))] if alarms.any() else None
