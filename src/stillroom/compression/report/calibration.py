"""Whether predictions mean what they say: reliability of probabilities, predicted against actual values."""

from typing import Any

import numpy as np

from stillroom.compression.report.evidence import TEACHER, Evidence
from stillroom.pages import Axis, round_axis
from stillroom.pages.numbers import percent, score
from stillroom.table.metrics import calibration_error

MOST_BINS, ROWS_A_BIN = 10, 20
SCATTER = 400
SPREAD_BINS = 25


def calibration_pictures(found: Evidence) -> list[dict[str, Any]]:
    """Of the chosen and the teacher, places in percent: for probabilities their reliability, for values one each."""
    names = list(dict.fromkeys([found.choice.chosen, TEACHER]))
    predictions = {name: found.predictions[name] for name in names if name in found.predictions}
    target = found.predictions["target"]
    if found.table.task == "regression":
        axis = round_axis([*target, *(v for prediction in predictions.values() for v in prediction)])
        return [_scatter(name, target, prediction, axis) for name, prediction in predictions.items()]
    claims = {name: claim(target, prediction) for name, prediction in predictions.items()}
    return [_reliability(claims)]


def spread_picture(found: Evidence) -> dict[str, Any] | None:
    """How often each probability was said, by the chosen and the teacher; None for a regression."""
    if found.table.task == "regression":
        return None
    names = [name for name in (found.choice.chosen, TEACHER) if name in found.predictions]
    said = {name: claim(found.predictions["target"], found.predictions[name])[0] for name in names}
    across = round_axis([0.0, *(float(p.max()) for p in said.values())])
    shares = {n: np.histogram(p, SPREAD_BINS, (across.low, across.high))[0] / len(p) for n, p in said.items()}
    upward = round_axis([0.0, *(float(share.max()) for share in shares.values())])
    return {
        "lines": {name: _outline(share, upward) for name, share in shares.items()},
        "across": across.across(),
        "upward": upward.upward(),
    }


def _outline(shares: np.ndarray, upward: Axis) -> str:
    edges = np.linspace(0, 100, len(shares) + 1)
    points = [(edge, upward.top(float(s))) for i, s in enumerate(shares) for edge in edges[i : i + 2]]
    return " ".join(f"{left:.2f},{top}" for left, top in [(0.0, 100.0), *points, (100.0, 100.0)])


def claim(target: np.ndarray, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What was claimed with which probability, and whether it came true: [rows] and [rows] of 0 or 1.

    Of a binary task that the positive class comes; of several classes that the likeliest does.
    """
    if prediction.ndim == 1:
        return prediction, target
    return prediction.max(axis=1), (prediction.argmax(axis=1) == target).astype(float)


def reliability(probability: np.ndarray, came: np.ndarray) -> list[tuple[float, float, int]]:
    """(mean probability, share that came true, rows) of bins with equally many rows, least probable first."""
    bins = min(MOST_BINS, max(2, len(came) // ROWS_A_BIN))
    order = np.argsort(probability, kind="stable")
    parts = [rows for rows in np.array_split(order, bins) if len(rows)]
    return [(float(probability[rows].mean()), float(came[rows].mean()), len(rows)) for rows in parts]


def _reliability(claims: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, Any]:
    bins = {name: reliability(*claimed) for name, claimed in claims.items()}
    axis = round_axis([0.0, *(value for found in bins.values() for mean, share, _ in found for value in (mean, share))])
    errors = [f"{name} {score(calibration_error(came, sure))}" for name, (sure, came) in claims.items()]
    return {
        "title": "Share that came true against the probability that was said",
        "lines": {name: [_bin(name, *found, axis) for found in found_bins] for name, found_bins in bins.items()},
        "scatter": [],
        "across": axis.across(),
        "upward": axis.upward(),
        "note": f"Calibration error: {', '.join(errors)}.",
        "axes": "Across: probability said; up: share that came true.",
    }


def _bin(name: str, mean: float, share: float, rows: int, axis: Axis) -> dict[str, Any]:
    error = 2 * np.sqrt(share * (1 - share) / rows)
    low, high = max(axis.low, share - error), min(axis.high, share + error)
    return {
        "at": (axis.place(mean), axis.top(share)),
        "whisker": (axis.top(float(low)), axis.top(float(high))),
        "text": f"{name}: said {percent(mean)}, came true {percent(share)} of {rows:,} rows",
    }


def _scatter(name: str, target: np.ndarray, prediction: np.ndarray, axis: Axis) -> dict[str, Any]:
    """A sample of rows spread evenly over the predictions."""
    order = np.argsort(prediction, kind="stable")
    rows = order[np.unique(np.linspace(0, len(order) - 1, min(SCATTER, len(order))).astype(int))]
    told = "every test row" if len(rows) == len(order) else f"{len(rows):,} of {len(order):,} test rows"
    return {
        "title": f"Actual against predicted: {name}",
        "lines": {},
        "scatter": [(axis.place(float(prediction[row])), axis.top(float(target[row]))) for row in rows],
        "across": axis.across(),
        "upward": axis.upward(),
        "note": f"Each dot is a row, {told}.",
        "axes": "Across: predicted; up: actual.",
    }
