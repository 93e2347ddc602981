"""Thresholds from the reference period's own windows, so that the declared rate of false alarms holds for all columns.

Every measure of every column has a record: the most that one of the reference's own windows reached against the rest
of that period. A threshold is the record times a margin, one for all numbers and another for all categories, and others
for each measure: some break their records by little, such as who flies, and others, such as the weather or missing
values, by much. The margins are the smallest with which no more of the reference's own windows than declared would have
alarmed, by any measure of any column, each judged by the records of the windows that do not overlap it. Columns are
judged together because they move together: a storm moves ten of them at once.

The share is of as many independent windows as the period has room for, and rounded down as in conformal prediction
(Vovk et al. 2005), so that the rate also holds for a window that comes next, if it is like those before.
"""

from collections.abc import Mapping

import numpy as np

from stillroom.monitoring.bins import Bins
from stillroom.monitoring.measures import Measures, all_measures
from stillroom.monitoring.strangers import Columns, own_strangers
from stillroom.monitoring.tally import Tally

Named = Mapping[str, Mapping[str, float]]
_FEWEST_WINDOWS = 3  # a window, and at least two others that do not overlap it


def own_windows(
    bins: Bins, days: Tally, columns: Columns, length: int, min_rows: int, unbroken: np.ndarray
) -> Measures:
    """Each window of so many reference days against all other reference days: [windows], empty for a short period.

    A window of too few rows is NaN, and so is one in which days are missing (not ``unbroken``): days from far apart
    are more like the rest than days that follow one another.
    """
    count = len(days.rows)
    if count < _FEWEST_WINDOWS * length:
        return {}
    windows = days.windows(np.maximum(np.arange(count) - length + 1, 0)).take(np.arange(length - 1, count))
    values = all_measures(bins, windows, days.rest_of(windows))
    with np.errstate(invalid="ignore", divide="ignore"):
        values["strangers"] = own_strangers(bins, columns, length) / windows.present
    judged = unbroken & (windows.rows >= min_rows)
    return {key: np.where(judged, value, np.nan) for key, value in values.items()}


def calibrated(
    own: Mapping[str, Measures],
    floors: Named,
    kinds: Mapping[str, str],
    length: int,
    false_alarm: float,
    beyond: float = 1.0,
) -> dict[str, dict[str, float]]:
    """For each column and measure what a window of so many days must pass, so that alarms are as rare as declared.

    ``own`` holds each column's ``own_windows``, ``floors`` what is of no interest below, ``kinds`` whether it is
    `numeric` or `categorical`. ``beyond`` is how far past what the windows say a threshold lies: the most extreme of 30
    independent ones is passed by 3 % of those to come in the mean, but by 8 % or more with a chance of 1 in 12.
    """
    found = {name: dict(values) for name, values in floors.items()}
    columns: dict[tuple[str, str], list[str]] = {}
    for name, values in own.items():
        for key in values:
            columns.setdefault((kinds[name], key), []).append(name)
    judged = ~np.all(
        [np.isnan(value) for values in own.values() for value in values.values()] or [np.array(True)], axis=0
    )
    if not judged.any():
        return found
    records, furthest = [], []
    for (_, key), names in columns.items():
        windows = np.nan_to_num(np.column_stack([own[name][key] for name in names]), posinf=0.0)
        floor = np.array([floors[name][key] for name in names])
        records.append(np.maximum(windows.max(axis=0), floor / 2))
        furthest.append(_furthest(windows, floor, length))
    margins = _margins(np.array(furthest)[:, judged], length, false_alarm)
    for ((_, key), names), record, margin in zip(columns.items(), records, margins, strict=True):
        for name, most in zip(names, (beyond * margin * record).tolist(), strict=True):
            found[name][key] = max(found[name][key], most)
    return found


def _furthest(windows: np.ndarray, floor: np.ndarray, length: int) -> np.ndarray:
    """[windows] how many times the record of the others the column reached that went furthest beyond its own.

    ``windows`` [windows, columns]. What stays below its ``floor`` [columns] counts as 0, and a record of less than half
    the floor as half: next to nothing says little of the next window.
    """
    none = np.zeros((length, windows.shape[1]))
    before = np.maximum.accumulate(np.concatenate([none, windows]))[: len(windows)]
    after = np.maximum.accumulate(np.concatenate([none, windows[::-1]]))[: len(windows)][::-1]
    record = np.maximum(np.maximum(before, after), floor / 2)
    return np.where(windows > floor, windows / record, 0.0).max(axis=1)


def _margins(furthest: np.ndarray, length: int, false_alarm: float) -> np.ndarray:
    """[kinds' measures] the same quantile of each row of ``furthest`` [kinds' measures, windows], at least 1."""
    count = furthest.shape[1]
    ranks = np.array([np.searchsorted(np.sort(row), row, side="left") for row in furthest]).max(axis=0)
    independent = (count + length - 1) / length
    level = min(1.0, (1 - false_alarm) * (1 + 1 / independent))
    rank = int(np.quantile(ranks, level, method="higher"))
    return np.maximum(np.sort(furthest, axis=1)[:, rank], 1.0)
