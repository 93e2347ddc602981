"""Rolling windows over calendar days."""

import datetime as dt
from collections.abc import Sequence

import numpy as np


def window_starts(dates: Sequence[dt.date], days: int) -> np.ndarray:
    """For each date the index of the first one in the window of so many calendar days that ends with it.

    Raises ValueError when the dates do not rise.
    """
    ordinals = np.array([date.toordinal() for date in dates])
    if (np.diff(ordinals) <= 0).any():
        raise ValueError("the days are not in rising order, or one is there twice; merge the profiles of one day first")
    return np.searchsorted(ordinals, ordinals - days, side="right")


def unbroken(dates: Sequence[dt.date], length: int) -> np.ndarray:
    """Whether days that follow one another in the list do so in the calendar too: [dates - length + 1] windows."""
    ordinals = np.array([date.toordinal() for date in dates])
    return ordinals[length - 1 :] - ordinals[: max(len(ordinals) - length + 1, 0)] == length - 1


def sustained(passed: np.ndarray, consecutive: int) -> np.ndarray:
    """Where the last so many windows in a row passed their threshold: [days]."""
    runs = np.zeros(len(passed), dtype=int)
    for day, is_over in enumerate(passed):
        runs[day] = (runs[day - 1] if day else 0) + 1 if is_over else 0
    return runs >= consecutive
