"""How strange the reference period's own windows were to the rest of that period."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from whylogs.core.view.column_profile_view import ColumnProfileView

from stillroom.monitoring.bins import LARGEST, Bins, CategoryBins, NumericBins, frequent_items, numbers

Columns = Sequence[ColumnProfileView | None]


def own_strangers(bins: Bins, days: Columns, length: int) -> np.ndarray:
    """For each window of so many days the values that no other day had, or that lie beyond all other days' range.

    ``days`` are a column's daily profiles. The answer is [days - length + 1]: a window for each day on which one ends.
    """
    if isinstance(bins, NumericBins):
        return _out_of_range(bins, days, length)
    return _unseen(bins, days, length)


def _out_of_range(bins: NumericBins, days: Columns, length: int) -> np.ndarray:
    sketches = [numbers(column) if column else None for column in days]
    lows = np.array([sketch.get_min_value() if sketch else np.inf for sketch in sketches])
    highs = np.array([sketch.get_max_value() if sketch else -np.inf for sketch in sketches])
    found = np.zeros(len(days) - length + 1)
    rest_low, rest_high = _least_of_others(lows, length), -_least_of_others(-highs, length)
    windows = np.lib.stride_tricks.sliding_window_view(np.arange(len(days)), length)
    is_beyond = (lows[windows] < rest_low[:, None]) | (highs[windows] > rest_high[:, None])
    for window, place in np.argwhere(is_beyond & (rest_low <= rest_high)[:, None]):
        low, high = max(rest_low[window], -LARGEST), min(rest_high[window], LARGEST)
        column = days[window + place]
        found[window] += replace(bins, low=low, high=high).strangers(column) if column else 0
    return found


def _least_of_others(values: np.ndarray, length: int) -> np.ndarray:
    """For each window of so many days the least value outside it; infinity where there is none."""
    before = np.minimum.accumulate(np.append(np.inf, values))[: len(values) - length + 1]
    after = np.minimum.accumulate(np.append(np.inf, values[::-1]))[: len(values) - length + 1][::-1]
    return np.minimum(before, after)


def _unseen(bins: CategoryBins, days: Columns, length: int) -> np.ndarray:
    """A value is new to the rest where all days that have it are in the window; NaN where not all values are known."""
    found = np.zeros(len(days) - length + 1)
    if bins.known is None:
        return found + np.nan
    seen: dict[str, list[int]] = {}
    rows: dict[str, int] = {}
    for day, column in enumerate(days):
        for name, count in (frequent_items(column) if column else {}).items():
            seen.setdefault(name, []).append(day)
            rows[name] = rows.get(name, 0) + count
    for name, on in seen.items():
        first, last = on[0], on[-1]
        found[max(last - length + 1, 0) : first + 1] += rows[name]
    return found
