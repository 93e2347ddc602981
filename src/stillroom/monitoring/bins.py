"""Cut a column of the reference profile into bins, and count any other profile's values in them.

Only the sketches of a whylogs profile are read: KLL for numbers, frequent items for strings.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import whylogs_sketching
from whylogs.core.view.column_profile_view import ColumnProfileView

OTHER = "(other)"
_ROUNDING = 1e-6  # relative; live values often come through float32, whose rounding is a tenth of this

LARGEST = 1e300  # an infinity is out of range even where the reference has one


@dataclass(frozen=True)
class NumericBins:
    """Bins between ``edges``, open at both ends, with a fine ``grid`` for distribution functions.

    ``low`` and ``high`` are the least and greatest value of the reference, ``scale`` its standard deviation. A value
    is out of range where it lies beyond them by more than ``room``, a share of the range's width.
    """

    kind: ClassVar = "numeric"

    edges: np.ndarray
    grid: np.ndarray
    low: float
    high: float
    scale: float
    room: float = 0.0

    @property
    def size(self) -> int:
        return len(self.edges) + 1

    def present(self, column: ColumnProfileView) -> int:
        """How many values of the column are numbers."""
        sketch = numbers(column)
        return sketch.get_n() if sketch else 0

    def counts(self, column: ColumnProfileView) -> np.ndarray:
        """[bins] values in each bin."""
        return np.diff(self._below(column, self.edges), prepend=0, append=self.present(column))

    def below_grid(self, column: ColumnProfileView) -> np.ndarray:
        """[grid] values below each point of the grid."""
        return self._below(column, self.grid)

    def strangers(self, column: ColumnProfileView) -> float:
        """Values outside the range of the reference."""
        room = min(self.room * (self.high - self.low), LARGEST)
        ends = np.array([self.low - room, self.high + room])
        below, not_above = self._below(column, ends + [-1, 1] * _slack(ends))
        return float(below + self.present(column) - not_above)

    def _below(self, column: ColumnProfileView, points: np.ndarray) -> np.ndarray:
        sketch = numbers(column)
        if sketch is None or len(points) == 0:
            return np.zeros(len(points))
        return np.array(sketch.get_cdf(points.tolist())[:-1]) * sketch.get_n()


@dataclass(frozen=True)
class CategoryBins:
    """One bin for each of the most frequent ``names``, and one for all others.

    ``known`` holds every value of the reference, or None where it has more than its sketch can hold.
    """

    kind: ClassVar = "categorical"

    names: list[str]
    known: frozenset[str] | None

    @property
    def size(self) -> int:
        return len(self.names) + 1

    @property
    def grid(self) -> np.ndarray:
        """Empty: categories have no order."""
        return np.empty(0)

    def present(self, column: ColumnProfileView) -> int:
        """How many values of the column are strings."""
        return int(column.get_metric("types").string.value)

    def counts(self, column: ColumnProfileView) -> np.ndarray:
        """[bins] values in each bin, the last for all others."""
        frequent = frequent_items(column)
        named = np.array([frequent.get(name, 0) for name in self.names], dtype=float)
        return np.append(named, max(self.present(column) - named.sum(), 0))

    def below_grid(self, column: ColumnProfileView) -> np.ndarray:
        return np.empty(0)

    def strangers(self, column: ColumnProfileView) -> float:
        """Values that the reference never had; NaN where it is not known which it had."""
        if self.known is None:
            return math.nan
        familiar = sum(count for name, count in frequent_items(column).items() if name in self.known)
        return float(max(self.present(column) - familiar, 0))


Bins = NumericBins | CategoryBins


def cut(
    reference: ColumnProfileView, live: ColumnProfileView | None, bins: int, max_categories: int, room: float = 0.0
) -> Bins | None:
    """The bins of a column of the reference profile; None where it holds no value at all.

    ``live`` (if any) only extends the grid, on which distribution functions are compared, to its own quantiles.
    ``room`` is as in ``NumericBins``.
    """
    if reference.get_metric("types").string.value > 0:
        return _category_bins(reference, max_categories)
    return _numeric_bins(reference, live, bins, room) if numbers(reference) else None


def numbers(column: ColumnProfileView) -> Any | None:
    """The column's KLL sketch; None where it holds no number, as asking an empty one crashes the interpreter."""
    metric = column.get_metric("distribution")
    return metric.kll.value if metric is not None and metric.kll.value.get_n() > 0 else None


def frequent_items(column: ColumnProfileView) -> dict[str, int]:
    """Estimated counts of the column's frequent values, most frequent first."""
    return {name: count for name, count, *_ in _frequent(column)}


def _frequent(column: ColumnProfileView) -> list[tuple[str, int, int, int]]:
    """Value, estimate, lower and upper bound of its count."""
    metric = column.get_metric("frequent_items")
    if metric is None:
        return []
    errors = whylogs_sketching.frequent_items_error_type
    found = metric.frequent_strings.value.get_frequent_items(errors.NO_FALSE_NEGATIVES)
    return sorted(found, key=lambda item: (-item[1], item[0]))


def _numeric_bins(reference: ColumnProfileView, live: ColumnProfileView | None, bins: int, room: float) -> NumericBins:
    metric = reference.get_metric("distribution")
    sketch = metric.kll.value
    cuts = np.array(sketch.get_quantiles((np.arange(1, bins) / bins).tolist()))
    values, repeats = np.unique(cuts[np.isfinite(cuts)], return_counts=True)
    # A value that is several quantiles at once holds much of the mass, so it gets a bin of its own.
    alone = values[repeats > 1]
    edges = np.unique(np.concatenate([values + _slack(values), alone - _slack(alone)]))
    grid = np.union1d(_percentiles(reference), _percentiles(live) if live else [])
    low, high = np.clip([sketch.get_min_value(), sketch.get_max_value()], -LARGEST, LARGEST).tolist()
    return NumericBins(edges, grid, low, high, metric.stddev, room)


def _percentiles(column: ColumnProfileView) -> np.ndarray:
    sketch = numbers(column)
    values = np.array(sketch.get_quantiles(np.linspace(0, 1, 101).tolist()) if sketch else [])
    return values[np.isfinite(values)]


def _category_bins(reference: ColumnProfileView, max_categories: int) -> CategoryBins:
    frequent = _frequent(reference)
    is_exact = all(lower == upper for _, _, lower, upper in frequent)
    # Where there are more values than the sketch holds, its counts of rare ones are mostly error.
    counted = [name for name, _, lower, upper in frequent if upper < 2 * lower]
    known = frozenset(name for name, *_ in frequent) if is_exact else None
    return CategoryBins(counted[:max_categories], known)


def _slack(values: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(values) * _ROUNDING, 1e-12)
