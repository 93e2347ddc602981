"""Is the live model still as good as on held-out rows? By the labels that have come, and by an estimate before them."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from stillroom.monitoring.quality.bands import Band, Bands, Spans, banded, figures_of
from stillroom.monitoring.quality.estimate import can_estimate, estimate
from stillroom.monitoring.quality.outcomes import Outcomes
from stillroom.monitoring.quality.slices import Slices, slices
from stillroom.monitoring.quality.statistics import statistics_of
from stillroom.monitoring.settings import MonitorConfig
from stillroom.monitoring.windows import sustained, window_starts
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC, score
from stillroom.table.spec import Task


@dataclass(frozen=True)
class Series:
    """Every figure in the window that ends on each day, [days], NaN where it had too few ``rows``; and of ``whole``."""

    rows: np.ndarray
    windows: dict[str, Bands]
    whole: dict[str, Band]

    @classmethod
    def of(cls, figures: dict[str, Bands], rows: np.ndarray, config: MonitorConfig) -> "Series":
        """From the figures of the windows and, last, those of all rows."""
        judged = rows >= config.min_rows
        windows = {
            name: Bands(*(np.where(judged, values[:-1], np.nan) for values in bands)) for name, bands in figures.items()
        }
        return cls(rows, windows, {name: bands.at(-1) for name, bands in figures.items()})


@dataclass(frozen=True)
class Quality:
    """The figures of live rows on ``days``, by labels and as estimated without them, beside those of held-out rows.

    ``truth`` is None where no label has come, ``estimated`` where there is nothing to calibrate by, ``before`` where
    there are no held-out rows. ``expected`` is the estimate of the rows with labels alone, to compare with the truth.
    ``limit`` is the value beyond which the main metric counts as lost where the band excludes that of the held-out
    rows too. ``alarms`` [days] says where it did by labels, ``estimated_alarms`` where it did by the estimate alone,
    in windows with too few labels.
    """

    metric: str
    days: list[dt.date]
    truth: Series | None
    estimated: Series | None
    expected: Series | None
    before: dict[str, Band] | None
    limit: float | None
    alarms: np.ndarray
    estimated_alarms: np.ndarray
    slices: Slices | None


def quality(live: Outcomes, held_out: Outcomes, config: MonitorConfig) -> Quality:
    """Score every window of live days, and judge it by labelled held-out rows (there may be none).

    Raises ValueError where there is no live row.
    """
    if not len(live):
        raise ValueError("there is no live prediction to judge; give at least one row")
    held_out, task = held_out.known, live.task
    days, group = live.days
    spans = _spans(days, config)
    known = ~np.isnan(live.target)
    truth = _scored(live.take(known), group[known], spans, config) if known.any() else None
    estimated = _estimated(live, held_out, group, spans, config)
    expected = estimated
    if not known.all():
        expected = _estimated(live.take(known), held_out, group[known], spans, config) if known.any() else None
    before, limit = _before(held_out, config) if len(held_out) else (None, None)
    alarms = estimated_alarms = np.zeros(len(days), dtype=bool)
    if before is not None and limit is not None:
        reference = before[MAIN_METRIC[task]].value
        by_label = _main(truth, task, len(days))
        alarms = sustained(_is_lost(task, by_label, reference, limit), config.consecutive)
        by_estimate = _is_lost(task, _main(estimated, task, len(days)), reference, limit) & np.isnan(by_label.value)
        estimated_alarms = sustained(by_estimate, config.consecutive)
    return Quality(
        metric=MAIN_METRIC[task],
        days=days,
        truth=truth,
        estimated=estimated,
        expected=expected,
        before=before,
        limit=limit,
        alarms=alarms,
        estimated_alarms=estimated_alarms,
        slices=slices(live.known, held_out, truth.whole[MAIN_METRIC[task]].value, config) if truth else None,
    )


def _spans(days: list[dt.date], config: MonitorConfig) -> Spans:
    """The window that ends on each day, and last all days."""
    last = np.arange(len(days))
    return Spans(np.append(window_starts(days, config.quality_days), 0), np.append(last, last[-1]))


def _rows(group: np.ndarray, spans: Spans) -> np.ndarray:
    """[days] rows in the window that ends on each day."""
    until = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=int(spans.last.max()) + 1))])
    return (until[spans.last + 1] - until[spans.first])[:-1]


def _scored(rows: Outcomes, group: np.ndarray, spans: Spans, config: MonitorConfig) -> Series:
    """The figures of labelled rows."""
    statistics = statistics_of(rows.task, rows.prediction)
    truth = statistics.encode(rows.target)
    groups = int(spans.last.max()) + 1
    value = figures_of(statistics, truth, group, groups, spans) | _exact(rows, group, spans)
    return Series.of(banded(statistics, value, lambda _: truth, group, spans, config), _rows(group, spans), config)


def _estimated(
    rows: Outcomes, held_out: Outcomes, group: np.ndarray, spans: Spans, config: MonitorConfig
) -> Series | None:
    """The figures to be expected of rows without looking at their labels; None where they cannot be."""
    if not can_estimate(held_out):
        return None
    return Series.of(estimate(rows, held_out, group, spans, config), _rows(group, spans), config)


def _exact(rows: Outcomes, group: np.ndarray, spans: Spans) -> dict[str, np.ndarray]:
    """The figures that are worked out at release too, worked out in the same way."""
    begins = np.searchsorted(group, spans.first)
    ends = np.searchsorted(group, spans.last, side="right")
    found = [score(rows.task, rows.target[a:b], rows.prediction[a:b]) for a, b in zip(begins, ends, strict=True)]
    return {name: np.array([each[name] for each in found]) for name in found[0]}


def _before(held_out: Outcomes, config: MonitorConfig) -> tuple[dict[str, Band], float]:
    """The figures of the held-out rows, and the worst value of the main metric that is no loss.

    That is the declared share below, or as bad as the held-out rows' own windows have been.
    """
    metric = MAIN_METRIC[held_out.task]
    days, group = held_out.days
    scored = _scored(held_out, group, _spans(days, config), config)
    value = scored.whole[metric].value
    losses = _sign(held_out.task) * (value - scored.windows[metric].value[config.quality_days - 1 :])
    usual = np.quantile(losses[np.isfinite(losses)], config.calibration_quantile) if np.isfinite(losses).any() else 0.0
    loss = max(config.quality_loss * abs(value), config.calibration_margin * float(usual))
    return scored.whole, value - _sign(held_out.task) * loss


def _main(series: Series | None, task: Task, days: int) -> Bands:
    return series.windows[MAIN_METRIC[task]] if series else Bands(*(np.full(days, np.nan) for _ in range(4)))


def _is_lost(task: Task, bands: Bands, reference: float, limit: float) -> np.ndarray:
    """[windows] beyond the limit, the held-out rows' value being outside the band."""
    sign = _sign(task)
    at_best = bands.high if sign > 0 else bands.low
    return (sign * bands.value < sign * limit) & (sign * at_best < sign * reference)


def _sign(task: Task) -> int:
    return 1 if HIGHER_IS_BETTER[MAIN_METRIC[task]] else -1
