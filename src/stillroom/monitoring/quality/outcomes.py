"""What was predicted for rows, and what came true of them."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from stillroom.table.spec import Task

MISSING = "(missing)"


@dataclass(frozen=True)
class Outcomes:
    """Rows with their predictions; the first axis of every array is the row.

    ``dates`` [rows] datetime64[D], rising; ``prediction`` [rows] probabilities of the second class or values, or
    [rows, classes] probabilities; ``target`` [rows] float64, the value or the class's number, NaN where the label has
    not come; ``slices`` column -> [rows] of str, the categories by which quality is sliced.
    Raises ValueError where the rows are not in the order of their dates, or a prediction is NaN.
    """

    task: Task
    dates: np.ndarray
    prediction: np.ndarray
    target: np.ndarray
    slices: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (np.diff(self.dates) < np.timedelta64(0)).any():
            raise ValueError("the rows are not in the order of their dates; sort them first")
        unsaid = int(np.isnan(self.prediction).any(axis=tuple(range(1, self.prediction.ndim))).sum())
        if unsaid:
            raise ValueError(f"{unsaid} predictions are NaN; no score can count them")

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def known(self) -> Self:
        """The rows whose label has come."""
        return self.take(~np.isnan(self.target))

    @property
    def days(self) -> tuple[list[dt.date], np.ndarray]:
        """The days that have rows, and [rows] the number of each row's day among them."""
        days, of_row = np.unique(self.dates, return_inverse=True)
        return days.astype("datetime64[D]").tolist(), of_row

    def take(self, rows: np.ndarray) -> Self:
        """Only some of the rows (indices or mask)."""
        return replace(
            self,
            dates=self.dates[rows],
            prediction=self.prediction[rows],
            target=self.target[rows],
            slices={name: values[rows] for name, values in self.slices.items()},
        )
