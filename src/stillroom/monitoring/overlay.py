"""The shapes of two profiles' columns on common bars, for the eye; drift is judged on other bins."""

import numpy as np
from whylogs.core.view.column_profile_view import ColumnProfileView

from stillroom.monitoring.bins import OTHER, Bins, NumericBins, frequent_items, numbers

_BARS = 24
_CATEGORIES = 8


def overlay(bins: Bins, reference: ColumnProfileView, live: ColumnProfileView | None) -> dict:
    """Shares of the values on common bars: plain lists `reference` and `live`, with `edges` or `labels`."""
    if isinstance(bins, NumericBins):
        edges = _edges(bins)
        values = {"edges": edges.tolist()}
        shares = [_numeric_shares(column, edges) for column in (reference, live)]
    else:
        counts = [frequent_items(column) if column else {} for column in (reference, live)]
        present = [max(bins.present(column), 1) if column else 1 for column in (reference, live)]
        labels = _labels(counts, present)
        values = {"labels": [*labels, OTHER]}
        shares = [_named_shares(c, labels, n) for c, n in zip(counts, present, strict=True)]
    return {**values, "reference": shares[0], "live": shares[1]}


def _edges(bins: NumericBins) -> np.ndarray:
    """Around each value where there are few, else evenly from about the first percentile to the last."""
    points = bins.grid if len(bins.grid) else np.zeros(1)
    if len(points) <= _BARS:
        between = (points[1:] + points[:-1]) / 2
        ends = np.diff(points)[[0, -1]] / 2 if len(points) > 1 else np.array([0.5, 0.5])
        return np.concatenate([[points[0] - ends[0]], between, [points[-1] + ends[1]]])
    inner = points[2:-2]
    return np.linspace(inner[0], inner[-1], _BARS + 1)


def _numeric_shares(column: ColumnProfileView | None, edges: np.ndarray) -> list[float]:
    """The first and last bar also hold what lies beyond them."""
    sketch = numbers(column) if column else None
    if sketch is None:
        return [0.0] * (len(edges) - 1)
    return sketch.get_pmf(edges[1:-1].tolist())


def _labels(counts: list[dict[str, int]], present: list[int]) -> list[str]:
    """The values with the largest share on either side, largest first."""
    share = {
        name: max(count.get(name, 0) / n for count, n in zip(counts, present, strict=True))
        for name in {*counts[0], *counts[1]}
    }
    return sorted(share, key=lambda name: (-share[name], name))[:_CATEGORIES]


def _named_shares(counts: dict[str, int], labels: list[str], present: int) -> list[float]:
    named = [counts.get(label, 0) / present for label in labels]
    return [*named, max(1 - sum(named), 0.0) if counts else 0.0]
