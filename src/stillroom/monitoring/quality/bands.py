"""Figures with confidence bands, for many windows or slices at once: a Poisson bootstrap of their sums."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from stillroom.monitoring.quality.statistics import Figures, Statistics, sums
from stillroom.monitoring.settings import MonitorConfig

_MANY_ROWS, _FEWEST_RESAMPLES = 250_000, 50
Truth = Callable[[np.random.Generator], np.ndarray]


class Band(NamedTuple):
    """A figure and its confidence band."""

    value: float
    low: float
    high: float


class Bands(NamedTuple):
    """A figure of several windows or slices and its confidence bands: [windows] each, ``error`` the standard error."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    error: np.ndarray

    def at(self, i: int) -> Band:
        """One of them."""
        return Band(float(self.value[i]), float(self.low[i]), float(self.high[i]))


class Spans(NamedTuple):
    """Which groups of rows make a window: groups ``first`` to ``last``, both [windows] and both included."""

    first: np.ndarray
    last: np.ndarray

    @classmethod
    def single(cls, groups: int) -> "Spans":
        """Each group alone."""
        return cls(np.arange(groups), np.arange(groups))

    def over(self, added: np.ndarray) -> np.ndarray:
        """The sums of the windows, of those of the groups."""
        until = np.concatenate([np.zeros((1, added.shape[1])), np.cumsum(added, axis=0)])
        return until[self.last + 1] - until[self.first]


def figures_of(statistics: Statistics, truth: np.ndarray, group: np.ndarray, groups: int, spans: Spans) -> Figures:
    """The figures of windows of groups of rows: [windows]."""
    added = sums(statistics.columns(truth), np.ones(len(group)), group, groups)
    return statistics.figures(spans.over(added))


def banded(
    statistics: Statistics, value: Figures, truth: Truth, group: np.ndarray, spans: Spans, config: MonitorConfig
) -> dict[str, Bands]:
    """Put bands around figures of windows; ``truth`` draws the rows' truth, the same each time where it is known.

    Each row is drawn Poisson(1) times. The band is the resamples' percentiles, moved so that their mean is the value:
    resampling adds noise, and figures such as the calibration error rise with it.
    """
    groups = int(spans.last.max()) + 1
    draws: dict[str, list[np.ndarray]] = {name: [] for name in value}
    for drawn in _resampled(statistics, truth, group, groups, spans, config):
        for name in value:
            draws[name].append(drawn[name])
    tail = (1 - config.confidence) / 2
    return {name: _band(value[name], np.array(draws[name]), tail) for name in value}


def _resampled(
    statistics: Statistics, truth: Truth, group: np.ndarray, groups: int, spans: Spans, config: MonitorConfig
) -> Iterator[Figures]:
    rng = np.random.default_rng(config.seed)
    known, columns = None, []
    for _ in range(_resamples(len(group), config)):
        if (drawn := truth(rng)) is not known:
            known, columns = drawn, statistics.columns(drawn)
        weights = rng.poisson(1.0, len(group)).astype(np.float64)
        yield statistics.figures(spans.over(sums(columns, weights, group, groups)))


def _resamples(rows: int, config: MonitorConfig) -> int:
    """Fewer for very many rows, whose bands are so narrow that they may be drawn less finely."""
    return min(config.bootstrap, max(_FEWEST_RESAMPLES, config.bootstrap * _MANY_ROWS // max(rows, 1)))


def _band(value: np.ndarray, draws: np.ndarray, tail: float) -> Bands:
    """NaN where the figure is not defined, or on no resample is."""
    low, high, error = (np.full(len(value), np.nan) for _ in range(3))
    defined = np.isfinite(value) & np.isfinite(draws).any(axis=0)
    if defined.any():
        drawn = draws[:, defined]
        moved = value[defined] - np.nanmean(drawn, axis=0)
        low[defined], high[defined] = np.nanquantile(drawn, [tail, 1 - tail], axis=0) + moved
        error[defined] = np.nanstd(drawn, axis=0)
    return Bands(value, low, high, error)
