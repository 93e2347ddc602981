"""How good the live predictions turned out to be, once the labels are known."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stillroom.monitoring.settings import MonitorConfig
from stillroom.monitoring.windows import sustained, window_starts
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC, score
from stillroom.table.spec import Task


class Labelled(NamedTuple):
    """One day's labelled rows; target and prediction as ``stillroom.table.metrics.score`` takes them."""

    date: dt.date
    target: np.ndarray
    prediction: np.ndarray


class Band(NamedTuple):
    """A figure with its bootstrap confidence band."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    """The main metric in the window that ends on each live day, beside its value on the reference rows.

    ``bands`` [days]; NaN in a window of too few rows. ``scores`` are all figures of all live rows, ``before`` those
    of the reference rows (None without such rows). ``limit`` is the value beyond which the metric counts as lost
    where the band excludes the reference too, ``alarms`` [days] where it did, ``began`` the first day of them.
    """

    metric: str
    dates: list[dt.date]
    rows: list[int]
    bands: list[Band]
    scores: dict[str, float]
    band: Band
    before: dict[str, float] | None
    band_before: Band | None
    limit: float | None
    alarms: np.ndarray
    began: dt.date | None


def quality(task: Task, live: Sequence[Labelled], reference: Sequence[Labelled], config: MonitorConfig) -> Quality:
    """Score every window of live days, and judge it by the labelled reference days (held-out rows; may be empty).

    Both are in the order of their dates. Raises ValueError when there is no live row.
    """
    if not any(len(day.target) for day in live):
        raise ValueError("there is no labelled live row to score; give at least one")
    bands = [_window_band(task, window, config) for window in _windows(live, config)]
    target, prediction = _joined(live)
    before = band_before = limit = None
    alarms = np.zeros(len(live), dtype=bool)
    if any(len(day.target) for day in reference):
        before = score(task, *_joined(reference))
        band_before = confidence_band(task, *_joined(reference), config)
        limit = _limit(task, band_before.value, reference, config)
        alarms = sustained(_is_lost(task, bands, band_before.value, limit), config.consecutive)
    return Quality(
        metric=MAIN_METRIC[task],
        dates=[day.date for day in live],
        rows=[sum(len(day.target) for day in window) for window in _windows(live, config)],
        bands=bands,
        scores=score(task, target, prediction),
        band=confidence_band(task, target, prediction, config),
        before=before,
        band_before=band_before,
        limit=limit,
        alarms=alarms,
        began=live[int(np.argmax(alarms))].date if alarms.any() else None,
    )


def confidence_band(task: Task, target: np.ndarray, prediction: np.ndarray, config: MonitorConfig) -> Band:
    """The main metric with the percentile band of a Poisson bootstrap (each row drawn Poisson(1) times)."""
    statistic = _weighted_metric(task, np.asarray(target), np.asarray(prediction, dtype=np.float64))
    rng = np.random.default_rng(config.seed)
    draws = [statistic(rng.poisson(1.0, len(target)).astype(np.float64)) for _ in range(config.bootstrap)]
    tail = (1 - config.confidence) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail]) if np.isfinite(draws).any() else (np.nan, np.nan)
    return Band(statistic(np.ones(len(target))), float(low), float(high))


def _weighted_metric(task: Task, target: np.ndarray, prediction: np.ndarray) -> Callable[[np.ndarray], float]:
    """The main metric as a function of the rows' weights, with what does not depend on them done once."""
    if task == "binary":
        return _weighted_auc(target, prediction)
    if task == "regression":
        squares = (target - prediction) ** 2
        return lambda weights: float(np.sqrt(_mean(squares, weights)))
    correct = (prediction.argmax(axis=1) == target).astype(np.float64)
    return lambda weights: _mean(correct, weights)


def _weighted_auc(target: np.ndarray, prediction: np.ndarray) -> Callable[[np.ndarray], float]:
    _, rank = np.unique(prediction, return_inverse=True)
    is_positive = target.astype(np.float64)

    def auc(weights: np.ndarray) -> float:
        positive = np.bincount(rank, weights * is_positive)
        negative = np.bincount(rank, weights * (1 - is_positive))
        pairs = positive.sum() * negative.sum()
        won = (positive * (np.cumsum(negative) - negative / 2)).sum()
        return float(won / pairs) if pairs else float("nan")

    return auc


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    return float(values @ weights / weights.sum()) if weights.sum() else float("nan")


def _windows(days: Sequence[Labelled], config: MonitorConfig) -> list[Sequence[Labelled]]:
    starts = window_starts([day.date for day in days], config.quality_days)
    return [days[start : stop + 1] for stop, start in enumerate(starts.tolist())]


def _joined(days: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([day.target for day in days]), np.concatenate([day.prediction for day in days])


def _window_band(task: Task, window: Sequence[Labelled], config: MonitorConfig) -> Band:
    if sum(len(day.target) for day in window) < config.min_rows:
        return Band(float("nan"), float("nan"), float("nan"))
    return confidence_band(task, *_joined(window), config)


def _limit(task: Task, reference_value: float, reference: Sequence[Labelled], config: MonitorConfig) -> float:
    """The worst value that is no loss: by the declared share, or as bad as the reference's own windows have been."""
    sign = _sign(task)
    own = [
        score(task, *_joined(window))[MAIN_METRIC[task]]
        for window in _windows(reference, config)[config.quality_days - 1 :]
        if sum(len(day.target) for day in window) >= config.min_rows
    ]
    losses = sign * (reference_value - np.array(own))
    usual = np.quantile(losses[np.isfinite(losses)], config.calibration_quantile) if np.isfinite(losses).any() else 0.0
    loss = max(config.quality_loss * abs(reference_value), config.calibration_margin * float(usual))
    return reference_value - sign * loss


def _is_lost(task: Task, bands: Sequence[Band], reference_value: float, limit: float) -> np.ndarray:
    sign = _sign(task)
    best = np.array([band.high if sign > 0 else band.low for band in bands])
    values = np.array([band.value for band in bands])
    return (sign * values < sign * limit) & (sign * best < sign * reference_value)


def _sign(task: Task) -> int:
    return 1 if HIGHER_IS_BETTER[MAIN_METRIC[task]] else -1
