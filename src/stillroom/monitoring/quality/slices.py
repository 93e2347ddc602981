"""Where the model is worst: its quality for every category, and which of the worst are more than chance."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from stillroom.monitoring.quality.bands import Band, Bands, Spans, banded, figures_of
from stillroom.monitoring.quality.outcomes import Outcomes
from stillroom.monitoring.quality.statistics import statistics_of
from stillroom.monitoring.settings import MonitorConfig
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC

WORST = 10


class Slice(NamedTuple):
    """The rows of one category: the main metric now and on held-out rows (None where there are too few).

    ``error`` is the standard error of ``now``. ``said`` and ``came`` are the mean prediction and the mean truth of a
    binary task or a regression, None of several classes.
    """

    column: str
    category: str
    rows: int
    now: Band
    error: float
    before: Band | None
    said: float | None
    came: float | None

    def at_best(self, sign: int) -> float:
        """The good end of the band, as a badness: the least comes first."""
        return sign * (self.now.high if sign > 0 else self.now.low)


class Slices(NamedTuple):
    """The ``worst``, the worst first; ``is_worse`` says of each whether it is worse than all rows are, beyond chance.

    They are the worst of so many ``judged``; ``too_few`` categories had too few rows.
    """

    worst: list[Slice]
    is_worse: list[bool]
    judged: int
    too_few: int


def slices(live: Outcomes, held_out: Outcomes, overall: float, config: MonitorConfig) -> Slices:
    """Score every category of every slicing column that has enough rows, and keep the worst; all rows are labelled.

    They are in the order of what they are at best, the good end of their bands: no slice is among the worst because
    it is small. ``overall`` is the main metric of all live rows; a slice is worse than that where it is by more than
    the worst of so many slices would be by chance (Bonferroni).
    """
    found: list[Slice] = []
    too_few = 0
    for column in live.slices:
        now, few = _of_column(live, column, config)
        if len(now) + few < 2:  # one category is no slice
            continue
        before = _of_column(held_out, column, config)[0] if column in held_out.slices else {}
        found += [each._replace(before=before[name].now if name in before else None) for name, each in now.items()]
        too_few += few
    sign = 1 if HIGHER_IS_BETTER[MAIN_METRIC[live.task]] else -1
    worst = sorted(found, key=lambda each: (each.at_best(sign), each.column, each.category))[:WORST]
    surely = float(ndtri(1 - (1 - config.confidence) / max(len(found), 1)))
    is_worse = [sign * (overall - each.now.value) > surely * each.error for each in worst]
    return Slices(worst, is_worse, judged=len(found), too_few=too_few)


def _of_column(rows: Outcomes, column: str, config: MonitorConfig) -> tuple[dict[str, Slice], int]:
    """The slices that have enough rows and whose metric is defined, by category; and how many have too few."""
    categories, of_row, counts = np.unique(rows.slices[column], return_inverse=True, return_counts=True)
    enough = np.flatnonzero(counts >= config.slice_rows)
    if not len(enough):
        return {}, len(categories)
    kept = np.isin(of_row, enough)
    rows, group = rows.take(kept), np.searchsorted(enough, of_row[kept])
    bands = _bands(rows, group, len(enough), config)
    found = {
        str(categories[of]): Slice(
            column,
            str(categories[of]),
            int(counts[of]),
            bands.at(i),
            float(bands.error[i]),
            None,
            *_means(rows, group == i),
        )
        for i, of in enumerate(enough)
        if np.isfinite(bands.low[i])
    }
    return found, len(categories) - len(found)


def _bands(rows: Outcomes, group: np.ndarray, groups: int, config: MonitorConfig) -> Bands:
    metric = MAIN_METRIC[rows.task]
    statistics = statistics_of(rows.task, rows.prediction)
    truth = statistics.encode(rows.target)
    value = figures_of(statistics, truth, group, groups, Spans.single(groups))
    return banded(statistics, {metric: value[metric]}, lambda _: truth, group, Spans.single(groups), config)[metric]


def _means(rows: Outcomes, chosen: np.ndarray) -> tuple[float | None, float | None]:
    if rows.task == "multiclass":
        return None, None
    return float(rows.prediction[chosen].mean()), float(rows.target[chosen].mean())
