"""Has a column's distribution moved? Windows of live profiles against the reference, by effect size.

A window alarms where a measure passes the greatest of three: the declared floor; what sampling noise alone would reach
(PSI only); and what the reference period's own windows reach against the rest of that period. The first keeps small
differences from alarming however many rows there are, the second keeps small windows quiet, and the third knows that
some columns, such as the weather, are never twice the same.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from whylogs.core import DatasetProfileView

from stillroom.monitoring.bins import Bins, NumericBins, cut
from stillroom.monitoring.distances import jensen_shannon, psi, psi_noise, shares, wasserstein
from stillroom.monitoring.settings import MonitorConfig
from stillroom.monitoring.tally import Tally
from stillroom.monitoring.windows import sustained, window_starts
from stillroom.profiles import merge, rows

PREDICTION = "prediction"
Severity = Literal["page", "ticket"]
DailyViews = Sequence[tuple[dt.date, DatasetProfileView]]


@dataclass(frozen=True)
class Scale:
    """How one column fared in windows of so many days, of which one ends on each live day.

    ``measures`` and ``thresholds`` map `psi`, `missing_change` and `strangers` (unseen categories or values out of
    range, as a share) to [days]; ``js`` is Jensen-Shannon, ``wasserstein`` in standard deviations of the reference
    (NaN for categories). A window of too few rows is NaN throughout. ``alarms`` [days] says after which days the
    column counts as drifted.
    """

    days: int
    measures: dict[str, np.ndarray]
    thresholds: dict[str, np.ndarray]
    js: np.ndarray
    wasserstein: np.ndarray
    alarms: np.ndarray

    @property
    def ratios(self) -> dict[str, np.ndarray]:
        """Every measure as a multiple of its threshold: [days]."""
        return {key: value / self.thresholds[key] for key, value in self.measures.items()}


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
        return "numeric" if isinstance(self.bins, NumericBins) else "categorical"


class Tallies(NamedTuple):
    """One column counted in the whole reference, on its single days, and on the live days."""

    reference: Tally
    reference_days: Tally
    live: Tally


def drift(
    reference: DatasetProfileView, reference_days: DailyViews, live_days: DailyViews, config: MonitorConfig
) -> list[ColumnDrift]:
    """Compare every column of the reference with the live days; the prediction comes first.

    ``reference_days`` are the daily profiles of the reference period, or empty where there are none. Both lists are
    in the order of their dates. Raises ValueError when there is no live day or a day is out of order.
    """
    if not live_days:
        raise ValueError("there is no live profile to compare with the reference; give at least one day")
    merged = merge(view for _, view in live_days)
    dates = [date for date, _ in live_days]
    names = sorted(reference.get_columns(), key=lambda name: (name != PREDICTION, name))
    groups = [[reference], [view for _, view in reference_days], [view for _, view in live_days]]
    counted = [[rows(view) for view in views] for views in groups]
    found = []
    for name in names:
        bins = cut(reference.get_column(name), merged.get_column(name), config.bins, config.max_categories)
        if bins is not None:
            columns = [[view.get_column(name) for view in views] for views in groups]
            tallies = Tallies(*(Tally.of(bins, c, n) for c, n in zip(columns, counted, strict=True)))
            found.append(_column_drift(name, bins, tallies, dates=dates, columns=len(names), config=config))
    return found


def _column_drift(
    name: str, bins: Bins, tallies: Tallies, *, dates: list[dt.date], columns: int, config: MonitorConfig
) -> ColumnDrift:
    chance = config.false_alarm / columns / len(config.window_days)
    starts = {days: window_starts(dates, days) for days in config.window_days}
    scales = [_scale(days, bins, tallies, first=starts[days], chance=chance, config=config) for days in starts]
    alarming = [scale for scale in scales if scale.alarms.any()]
    earliest = min(alarming, key=lambda scale: int(np.argmax(scale.alarms)), default=None)
    began = None
    if earliest is not None:
        began = dates[onset(tallies.live, tallies.reference, starts[earliest.days], earliest.alarms)]
    return ColumnDrift(name, bins, scales, began, tallies.reference, tallies.live)


def _scale(
    days: int, bins: Bins, tallies: Tallies, *, first: np.ndarray, chance: float, config: MonitorConfig
) -> Scale:
    whole = tallies.reference
    windows = tallies.live.windows(first)
    judged = windows.rows >= config.min_rows
    measures = {key: np.where(judged, value, np.nan) for key, value in measured(windows, whole).items()}
    lengths = np.arange(len(first)) - first + 1
    thresholds = _thresholds(bins, tallies.reference_days, lengths, config)
    noise = psi_noise(windows.present, whole.present, bins.size, chance)
    thresholds["psi"] = np.maximum(thresholds["psi"], noise)
    passed = np.any([measures[key] > thresholds[key] for key in measures], axis=0)
    return Scale(
        days=days,
        measures=measures,
        thresholds=thresholds,
        js=np.where(judged, jensen_shannon(windows.counts, whole.counts), np.nan),
        wasserstein=np.where(judged, normalised_wasserstein(bins, windows, whole), np.nan),
        alarms=sustained(passed, config.consecutive),
    )


def _thresholds(bins: Bins, reference_days: Tally, lengths: np.ndarray, config: MonitorConfig) -> dict[str, np.ndarray]:
    """The declared floors, raised to what the reference's own windows of such lengths reach: [days]."""
    strangers = config.out_of_range_share if isinstance(bins, NumericBins) else config.unseen_share
    floors = {"psi": config.psi, "missing_change": config.missing_change, "strangers": strangers}
    usual = {length: calibration(reference_days, length, config) for length in set(lengths.tolist())}
    return {
        key: np.array([max(floor, usual[length][key]) for length in lengths.tolist()]) for key, floor in floors.items()
    }


def measured(windows: Tally, reference: Tally) -> dict[str, np.ndarray]:
    """The measures that can alarm, for each window."""
    with np.errstate(invalid="ignore", divide="ignore"):
        missing = 1 - windows.present / windows.rows
        missing_before = 1 - reference.present / reference.rows
        return {
            "psi": psi(windows.counts, reference.counts),
            "missing_change": np.abs(missing - missing_before),
            "strangers": windows.strangers / windows.present,
        }


def calibration(reference_days: Tally, length: int, config: MonitorConfig) -> dict[str, float]:
    """What the reference period's own windows of so many days reach against the rest of it; 0 where it is too short."""
    days = len(reference_days.rows)
    if days < 2 * length:
        return {"psi": 0.0, "missing_change": 0.0, "strangers": 0.0}
    windows = reference_days.windows(np.maximum(np.arange(days) - length + 1, 0)).take(np.arange(length - 1, days))
    values = measured(windows, reference_days.rest_of(windows))
    enough = windows.rows >= config.min_rows
    return {key: _usual(value[enough], config) for key, value in values.items()}


def normalised_wasserstein(bins: Bins, windows: Tally, reference: Tally) -> np.ndarray:
    """First Wasserstein distance in standard deviations of the reference: [windows]; NaN for categories."""
    if not isinstance(bins, NumericBins) or not np.isfinite(bins.scale) or bins.scale <= 0:
        return np.full(len(windows.rows), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        cdf = windows.below_grid / windows.present[:, None]
        reference_cdf = reference.below_grid / reference.present[:, None]
    return wasserstein(cdf, reference_cdf, bins.grid, bins.scale)


def _usual(values: np.ndarray, config: MonitorConfig) -> float:
    values = values[np.isfinite(values)]
    return config.calibration_margin * float(np.quantile(values, config.calibration_quantile)) if len(values) else 0.0


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
    return np.column_stack([tally.counts, tally.strangers, tally.rows - tally.present])
