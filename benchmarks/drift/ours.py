"""Our drift, and whylogs' default one, of the weeks of a fold: each column's score as a multiple of the threshold."""

import datetime as dt

import numpy as np
import polars as pl

from drift.windows import Fold
from stillroom.monitoring.drift import drift
from stillroom.monitoring.settings import MonitorConfig
from stillroom.profiles import fold as fold_into
from stillroom.profiles import merge, new_profile

# isort: split
from whylogs.core import DatasetProfileView
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

FIRST = dt.date(2013, 1, 1)


def our_scores(days: list[DatasetProfileView], fold: Fold) -> list[dict[str, float]]:
    """What the last day of each week is told, with the default settings, as soon as a window passes its threshold."""
    config = MonitorConfig(consecutive=1)
    reference = [(FIRST + dt.timedelta(int(i)), days[i]) for i in fold.reference]
    whole = merge(view for _, view in reference)
    # The weeks stand far enough apart that no window spans two of them.
    apart = 1000 + max(config.window_days)
    live = [
        (FIRST + dt.timedelta(apart * (number + 1) + place), days[day])
        for number, week in enumerate(fold.weeks)
        for place, day in enumerate(week)
    ]
    ends = np.cumsum([len(week) for week in fold.weeks]) - 1
    found = {column.name: column for column in drift(whole, reference, live, config)}
    ratios = {
        name: np.fmax.reduce([ratio for scale in column.scales for ratio in scale.ratios.values()])
        for name, column in found.items()
    }
    return [{name: float(np.nan_to_num(ratio[end])) for name, ratio in ratios.items()} for end in ends]


def whylogs_scores(days: list[DatasetProfileView], fold: Fold) -> list[dict[str, float]]:
    """whylogs' p-values (Kolmogorov-Smirnov, chi-squared), whose default threshold is 0.05, turned round."""
    reference = merge(days[i] for i in fold.reference)
    found = []
    for week in fold.weeks:
        scores = calculate_drift_scores(merge(days[i] for i in week), reference, with_thresholds=True)
        known = {name: score for name, score in scores.items() if score and np.isfinite(score["pvalue"])}
        found.append({name: 0.05 / max(score["pvalue"], 1e-300) for name, score in known.items()})
    return found


def profile(rows: pl.DataFrame) -> DatasetProfileView:
    """The profile of a day's rows."""
    columns = {name: rows[name].to_numpy() for name in rows.columns}
    strings = {name: values.astype(object) for name, values in columns.items() if rows[name].dtype == pl.String}
    made = new_profile(dt.datetime(2013, 1, 1, tzinfo=dt.UTC))
    fold_into(made, columns | strings)
    return made.view()
