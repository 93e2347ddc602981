"""Our drift, and whylogs' default one, of single weeks: each column's score as a multiple of its threshold."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from stillroom.monitoring.drift import drift
from stillroom.monitoring.settings import MonitorConfig
from stillroom.profiles import fold as fold_into
from stillroom.profiles import merge, new_profile

# isort: split
from whylogs.core import DatasetProfileView
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

FIRST = dt.date(2013, 1, 1)
Views = Sequence[DatasetProfileView]
Scores = list[dict[str, float]]


def our_scores(reference: dict[int, DatasetProfileView], weeks: Sequence[Views], config: MonitorConfig) -> Scores:
    """What the last day of each week is told, as soon as a window passes its threshold; its profiles' columns only.

    ``reference`` are profiles by their days' numbers, ``weeks`` the profiles of each week's days.
    """
    days = [(FIRST + dt.timedelta(int(number)), view) for number, view in reference.items()]
    # The weeks stand far enough apart that no window spans two of them.
    apart = 1000 + max(config.window_days)
    live = [
        (FIRST + dt.timedelta(apart * (number + 1) + place), view)
        for number, week in enumerate(weeks)
        for place, view in enumerate(week)
    ]
    ends = np.cumsum([len(week) for week in weeks]) - 1
    ratios = {
        column.name: np.nan_to_num(
            np.fmax.reduce([ratio[ends] for scale in column.scales for ratio in scale.ratios.values()])
        )
        for column in drift(merge(reference.values()), days, live, config)
    }
    return [
        {name: float(ratio[i]) for name, ratio in ratios.items() if week[-1].get_column(name)}
        for i, week in enumerate(weeks)
    ]


def whylogs_scores(reference: DatasetProfileView, weeks: Sequence[Views]) -> Scores:
    """whylogs' p-values (Kolmogorov-Smirnov, chi-squared), whose default threshold is 0.05, turned round."""
    found = []
    for week in weeks:
        scores = calculate_drift_scores(merge(week), reference, with_thresholds=True)
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
