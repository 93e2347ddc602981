"""Calibration curves: what was said, and what came of it, in bins with equally many rows."""

import numpy as np
from scipy.special import ndtri
from scipy.stats import binomtest

from stillroom.monitoring.quality.bands import Band
from stillroom.monitoring.quality.outcomes import Outcomes

MOST_BINS, ROWS_A_BIN = 10, 20


def calibration_curve(rows: Outcomes, confidence: float) -> list[dict[str, float]]:
    """Bins of labelled rows, the least said first: `said`, `came` with `low` and `high`, and how many `rows`.

    Of a binary task the probability and the share that came true, of several classes those of the likeliest, of a
    regression the means of predicted and actual values. The bands are Wilson's, or the mean's.
    """
    said, came = _claims(rows)
    bins = min(MOST_BINS, max(2, len(said) // ROWS_A_BIN))
    parts = [part for part in np.array_split(np.argsort(said, kind="stable"), bins) if len(part)]
    found = []
    for part in parts:
        value, low, high = (
            _share(came[part], confidence) if rows.task != "regression" else _mean(came[part], confidence)
        )
        found.append({"said": float(said[part].mean()), "came": value, "low": low, "high": high, "rows": len(part)})
    return found


def _claims(rows: Outcomes) -> tuple[np.ndarray, np.ndarray]:
    if rows.prediction.ndim == 1:
        return rows.prediction, rows.target
    return rows.prediction.max(axis=1), (rows.prediction.argmax(axis=1) == rows.target).astype(float)


def _share(came: np.ndarray, confidence: float) -> Band:
    found = binomtest(int(came.sum()), len(came)).proportion_ci(confidence, method="wilson")
    return Band(float(came.mean()), float(found.low), float(found.high))


def _mean(came: np.ndarray, confidence: float) -> Band:
    mean = float(came.mean())
    error = float(ndtri((1 + confidence) / 2) * came.std() / np.sqrt(len(came)))
    return Band(mean, mean - error, mean + error)
