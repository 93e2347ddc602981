"""Has a column's distribution moved? Windows of live profiles against the reference, by effect size.

A window alarms where a measure passes the greatest of three: the declared floor; what sampling noise alone would reach;
and what the reference period's own windows reach against the rest of that period, with a margin (``calibration.py``).
The first keeps small differences from alarming however many rows there are, the second keeps small windows quiet, and
the third knows that some columns, such as the weather, are never twice the same.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from whylogs.core import DatasetProfileView

from stillroom.monitoring.bins import Bins, cut
from stillroom.monitoring.calibration import calibrated, own_windows
from stillroom.monitoring.distances import shares
from stillroom.monitoring.measures import (
    Measures,
    all_measures,
    floors,
    measured,
    noise,
    normalised_wasserstein,
)
from stillroom.monitoring.settings import MonitorConfig
from stillroom.monitoring.strangers import Columns
from stillroom.monitoring.tally import Tally
from stillroom.monitoring.windows import sustained, unbroken, window_starts
from stillroom.profiles import merge, rows

__all__ = ["PREDICTION", "ColumnDrift", "DailyViews", "Scale", "drift", "measured", "normalised_wasserstein", "onset"]

PREDICTION = "prediction"
Severity = Literal["page", "ticket"]
DailyViews = Sequence[tuple[dt.date, DatasetProfileView]]
# For each length of a window, column and measure.
Thresholds = Mapping[int, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class Scale:
    """How one column fared in windows of so many days, of which one ends on each live day.

    ``measures`` and ``thresholds`` map `psi`, `js`, `wasserstein` (in standard deviations of the reference; not of
    categories), `missing_change` and `strangers` (unseen categories or values out of range, as a share) to [days]. A
    window of too few rows is NaN throughout. ``alarms`` [days] says after which days the column counts as drifted.
    """

    days: int
    measures: Measures
    thresholds: Measures
    alarms: np.ndarray

    @property
    def ratios(self) -> Measures:
        """Every measure as a multiple of its threshold: [days]."""
        return {key: value / self.thresholds[key] for key, value in self.measures.items()}

    @property
    def js(self) -> np.ndarray:
        """Jensen-Shannon distance: [days]."""
        return self.measures["js"]

    @property
    def wasserstein(self) -> np.ndarray:
        """Normalised Wasserstein distance: [days]; NaN for categories."""
        return self.measures.get("wasserstein", np.full(len(self.alarms), np.nan))


@dataclass(frozen=True)
class ColumnDrift:
    """One column against the reference: windows of several lengths, and the day its drift ``began``, if it drifted."""

    name: str
    bins: Bins
    scales: list[Scale]
    began: dt.date | None
    reference: Tally
    live: Tally

    @property
    def alarms(self) -> np.ndarray:
        """[days] whether windows of any length alarm."""
        return np.any([scale.alarms for scale in self.scales], axis=0)

    @property
    def severity(self) -> Severity:
        """A drifted prediction pages someone; a drifted input is a ticket."""
        return "page" if self.name == PREDICTION else "ticket"

    @property
    def kind(self) -> str:
        """`numeric` or `categorical`."""
        return self.bins.kind


class Counted(NamedTuple):
    """One column: its bins, counted in the whole reference, on its single days, and on the live days."""

    bins: Bins
    reference: Tally
    reference_days: Tally
    live: Tally
    reference_columns: Columns


def drift(
    reference: DatasetProfileView, reference_days: DailyViews, live_days: DailyViews, config: MonitorConfig
) -> list[ColumnDrift]:
    """Compare every column of the reference with the live days; the prediction comes first.

    ``reference_days`` are the daily profiles of the reference period, or empty where there are none. Both lists are
    in the order of their dates. Raises ValueError when there is no live day or a day is out of order.
    """
    if not live_days:
        raise ValueError("there is no live profile to compare with the reference; give at least one day")
    dates = [date for date, _ in live_days]
    starts = {days: window_starts(dates, days) for days in config.window_days}
    counted = _counted(reference, [view for _, view in reference_days], [view for _, view in live_days], config)
    lengths = {length for first in starts.values() for length in _lengths(first).tolist()}
    known = [date for date, _ in reference_days]
    thresholds = {length: _thresholds(counted, known, length, config) for length in lengths}
    return [_column_drift(name, counted, thresholds, dates, starts, config) for name in counted]


def _counted(
    reference: DatasetProfileView,
    reference_days: list[DatasetProfileView],
    live_days: list[DatasetProfileView],
    config: MonitorConfig,
) -> dict[str, Counted]:
    """The columns that hold any value."""
    merged = merge(live_days)
    groups = [[reference], reference_days, live_days]
    row_counts = [[rows(view) for view in views] for views in groups]
    found = {}
    for name in sorted(reference.get_columns(), key=lambda name: (name != PREDICTION, name)):
        pair = reference.get_column(name), merged.get_column(name)
        bins = cut(*pair, config.bins, config.max_categories, config.range_room)
        if bins is not None:
            columns = [[view.get_column(name) for view in views] for views in groups]
            whole, days, live = (Tally.of(bins, c, n) for c, n in zip(columns, row_counts, strict=True))
            found[name] = Counted(bins, whole, days, live, columns[1])
    return found


def _lengths(first: np.ndarray) -> np.ndarray:
    """How many days each live day's window holds: fewer at the start, and where days are missing."""
    return np.arange(len(first)) - first + 1


def _thresholds(
    counted: Mapping[str, Counted], dates: Sequence[dt.date], length: int, config: MonitorConfig
) -> dict[str, dict[str, float]]:
    """By column and measure, for windows of so many days; noise comes on top. ``dates`` are the reference's days."""
    whole = unbroken(dates, length)
    own = {
        name: own_windows(each.bins, each.reference_days, each.reference_columns, length, config.min_rows, whole)
        for name, each in counted.items()
    }
    least = {name: floors(each.bins, config) for name, each in counted.items()}
    kinds = {name: each.bins.kind for name, each in counted.items()}
    return calibrated(own, least, kinds, length, config.false_alarm / len(config.window_days), config.drift_margin)


def _column_drift(
    name: str,
    counted: Mapping[str, Counted],
    thresholds: Thresholds,
    dates: list[dt.date],
    starts: Mapping[int, np.ndarray],
    config: MonitorConfig,
) -> ColumnDrift:
    column = counted[name]
    own = {length: each[name] for length, each in thresholds.items()}
    chance = config.false_alarm / len(counted) / len(starts) / len(floors(column.bins, config))
    scales = [_scale(days, column, own, first, chance, config) for days, first in starts.items()]
    alarming = [scale for scale in scales if scale.alarms.any()]
    earliest = min(alarming, key=lambda scale: int(np.argmax(scale.alarms)), default=None)
    began = None
    if earliest is not None:
        began = dates[onset(column.live, column.reference, starts[earliest.days], earliest.alarms)]
    return ColumnDrift(name, column.bins, scales, began, column.reference, column.live)


def _scale(
    days: int,
    column: Counted,
    own: Mapping[int, Mapping[str, float]],
    first: np.ndarray,
    chance: float,
    config: MonitorConfig,
) -> Scale:
    windows = column.live.windows(first)
    judged = windows.rows >= config.min_rows
    values = all_measures(column.bins, windows, column.reference)
    measures = {key: np.where(judged, value, np.nan) for key, value in values.items()}
    by_chance = noise(column.bins, windows, column.reference, chance)
    usual = {key: np.array([own[length][key] for length in _lengths(first).tolist()]) for key in measures}
    thresholds = {key: np.fmax(usual[key], by_chance[key]) for key in measures}
    passed = np.any([measures[key] > thresholds[key] for key in measures], axis=0)
    return Scale(days, measures, thresholds, alarms=sustained(passed, config.consecutive))


def onset(live: Tally, reference: Tally, first: np.ndarray, alarms: np.ndarray) -> int:
    """The day on which the first run of alarms most likely set in.

    Of the days in the window behind the first alarm, the one since which the days speak most for the distribution of
    the alarming days and against the reference: the maximum-likelihood change point.
    """
    start = int(np.argmax(alarms))
    stop = start + int(np.argmin(np.append(alarms[start:], False)))
    kinds, kinds_before = _all_kinds(live), _all_kinds(reference)
    after = np.maximum(shares(kinds[start:stop].sum(axis=0)), 1e-4)
    before = np.maximum(shares(kinds_before[0]), 1e-4)
    speaks_for = kinds @ np.log(after / before)
    candidates = np.arange(first[start], start + 1)
    since = np.cumsum(speaks_for[first[start] : start + 1][::-1])[::-1]
    return int(candidates[np.argmax(since)])


def _all_kinds(tally: Tally) -> np.ndarray:
    """[days, bins + 2]: values in their bins, strangers, missing."""
    return np.column_stack([tally.counts, np.nan_to_num(tally.strangers), tally.rows - tally.present])
