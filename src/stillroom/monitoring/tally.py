"""Counts of a column for each of many days: they add up over days, so a window is a sum and its rest a difference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from whylogs.core.view.column_profile_view import ColumnProfileView

from stillroom.monitoring.bins import Bins


@dataclass(frozen=True)
class Tally:
    """Counts of one column; the first axis of every field is the day, or the window.

    ``rows`` [days] rows, ``present`` [days] values of the reference's kind (the others are missing), ``counts``
    [days, bins], ``below_grid`` [days, grid], ``strangers`` [days] unseen categories, NaN where it is not known which
    there were before, or values out of range.
    """

    rows: np.ndarray
    present: np.ndarray
    counts: np.ndarray
    below_grid: np.ndarray
    strangers: np.ndarray

    @classmethod
    def of(cls, bins: Bins, columns: Sequence[ColumnProfileView | None], rows: Sequence[int]) -> Self:
        """Count the column of each day's profile; on a day whose profile lacks it (None) all of it is missing."""
        empty = np.zeros(bins.size), np.zeros(len(bins.grid))
        return cls(
            rows=np.array(rows, dtype=float),
            present=np.array([bins.present(c) if c else 0 for c in columns], dtype=float),
            counts=np.array([bins.counts(c) if c else empty[0] for c in columns]).reshape(-1, bins.size),
            below_grid=np.array([bins.below_grid(c) if c else empty[1] for c in columns]).reshape(
                len(columns), len(bins.grid)
            ),
            strangers=np.array([bins.strangers(c) if c else 0 for c in columns], dtype=float),
        )

    def windows(self, first: np.ndarray) -> Self:
        """For each day i the sum over the days ``first[i]`` to i."""

        def summed(daily: np.ndarray) -> np.ndarray:
            until = np.concatenate([np.zeros((1, *daily.shape[1:])), np.cumsum(daily, axis=0)])
            return until[1:] - until[first]

        return self._map(summed)

    def rest_of(self, windows: Self) -> Self:
        """For each of the windows the sum over all days outside it."""
        total = self._map(lambda daily: daily.sum(axis=0, keepdims=True))
        pairs = {f.name: getattr(total, f.name) - getattr(windows, f.name) for f in fields(self)}
        return type(self)(**pairs)

    def take(self, days: np.ndarray) -> Self:
        """Only the given days (indices or mask)."""
        return self._map(lambda daily: daily[days])

    def _map(self, change: Callable[[np.ndarray], np.ndarray]) -> Self:
        return type(self)(**{f.name: change(getattr(self, f.name)) for f in fields(self)})
