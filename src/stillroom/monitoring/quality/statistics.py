"""Figures of quality as functions of sums over rows: sums add up, so a window or a slice costs no pass over its rows.

The truth may be soft, a chance instead of a label: the sums are then expected ones, and the figures those of the
expected confusion matrix, which is confidence-based performance estimation (``estimate.py``).
"""

from abc import ABC, abstractmethod

import numpy as np

from stillroom.table.metrics import CALIBRATION_BINS
from stillroom.table.spec import Task

_SMALLEST_PROBABILITY = 1e-7
_SCORE_BINS = 200  # within a bin scores count as tied, which moves an AUC by a few 1e-4 at most

Figures = dict[str, np.ndarray]


class Statistics(ABC):
    """The sums of one task's rows. ``prediction`` is as in ``Outcomes``."""

    def __init__(self, prediction: np.ndarray) -> None:
        self.prediction = np.asarray(prediction, dtype=np.float64)

    def encode(self, target: np.ndarray) -> np.ndarray:
        """Labels as truth: themselves, or of several classes [rows, classes] of 0 and 1."""
        return target

    @abstractmethod
    def figures(self, sums: np.ndarray) -> Figures:
        """The figures of each group: [groups]; NaN where its rows do not define one."""

    @abstractmethod
    def columns(self, truth: np.ndarray) -> list["Column"]:
        """What is added up of rows with such a truth, as ``encode`` gives it."""


class Binary(Statistics):
    """`roc_auc`, `average_precision`, `log_loss`, `brier_score`, `calibration_error`, `accuracy`."""

    def __init__(self, prediction: np.ndarray) -> None:
        super().__init__(prediction)
        self._bin, self._bins = _score_bins(self.prediction)
        said = self.prediction
        self._losses = [-np.log(np.clip(p, _SMALLEST_PROBABILITY, 1)) for p in (said, 1 - said)]

    def columns(self, truth: np.ndarray) -> list["Column"]:
        said, not_true = self.prediction, 1 - truth
        cells = [Column(values, self._bin, self._bins) for values in (truth, not_true, said)]
        log_loss = truth * self._losses[0] + not_true * self._losses[1]
        brier = truth * (1 - said) ** 2 + not_true * said**2
        return [*cells, Column(log_loss), Column(brier), Column(np.where(said >= 0.5, truth, not_true))]

    def figures(self, sums: np.ndarray) -> Figures:
        n = self._bins
        came, did_not, said = sums[:, :n], sums[:, n : 2 * n], sums[:, 2 * n : 3 * n]
        with np.errstate(invalid="ignore", divide="ignore"):
            rows = came.sum(axis=1) + did_not.sum(axis=1)
            log_loss, brier, right = (sums[:, 3 * n :] / rows[:, None]).T
            return {
                "roc_auc": _auc(came, did_not),
                "average_precision": _average_precision(came, did_not),
                "log_loss": log_loss,
                "brier_score": brier,
                "calibration_error": _calibration_error(came, said, came + did_not),
                "accuracy": right,
            }


class Multiclass(Statistics):
    """`accuracy`, `macro_f1`, `log_loss`, `brier_score`, and the `calibration_error` of the likeliest class."""

    def __init__(self, prediction: np.ndarray) -> None:
        super().__init__(prediction)
        self._classes = self.prediction.shape[1]
        self._likeliest = self.prediction.argmax(axis=1)
        self._said = self.prediction.max(axis=1)
        self._bin, self._bins = _score_bins(self._said)

    def encode(self, target: np.ndarray) -> np.ndarray:
        return np.eye(self._classes)[target.astype(int)]

    def columns(self, truth: np.ndarray) -> list["Column"]:
        said = self.prediction
        right = truth[np.arange(len(truth)), self._likeliest]
        confusion = [Column(truth[:, k], self._likeliest, self._classes) for k in range(self._classes)]
        cells = [Column(values, self._bin, self._bins) for values in (right, self._said, np.ones(len(right)))]
        log_loss = -(truth * np.log(np.clip(said, _SMALLEST_PROBABILITY, 1))).sum(axis=1)
        brier = (truth * (1 - said) ** 2 + (1 - truth) * said**2).sum(axis=1)
        return [*confusion, *cells, Column(log_loss), Column(brier)]

    def figures(self, sums: np.ndarray) -> Figures:
        k, n = self._classes, self._bins
        confusion = sums[:, : k * k].reshape(-1, k, k)  # [groups, true, said]
        right, said, rows_of_bin = (sums[:, k * k + i * n : k * k + (i + 1) * n] for i in range(3))
        hits = np.einsum("gkk->gk", confusion)
        with np.errstate(invalid="ignore", divide="ignore"):
            rows = rows_of_bin.sum(axis=1)
            each = 2 * hits / (confusion.sum(axis=1) + confusion.sum(axis=2))
            log_loss, brier = (sums[:, -2:] / rows[:, None]).T
            return {
                "accuracy": hits.sum(axis=1) / rows,
                # A class that neither is nor is said has no F1, and does not count.
                "macro_f1": np.nansum(each, axis=1) / np.isfinite(each).sum(axis=1),
                "log_loss": log_loss,
                "brier_score": brier,
                "calibration_error": _calibration_error(right, said, rows_of_bin),
            }


class Regression(Statistics):
    """`rmse`, `mae`, `r2`."""

    def columns(self, truth: np.ndarray) -> list["Column"]:
        error = truth - self.prediction
        centred = truth - self.prediction.mean()  # large values would lose the variance to rounding
        return [Column(values) for values in (np.ones(len(truth)), error**2, np.abs(error), centred, centred**2)]

    def figures(self, sums: np.ndarray) -> Figures:
        rows, squares, absolute, total, total_squares = sums.T
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = total_squares - total**2 / rows
            r2 = np.where(spread > 1e-12 * total_squares, 1 - squares / spread, np.nan)
            return {"rmse": np.sqrt(squares / rows), "mae": absolute / rows, "r2": r2}


_TASKS: dict[Task, type[Statistics]] = {"binary": Binary, "multiclass": Multiclass, "regression": Regression}


def statistics_of(task: Task, prediction: np.ndarray) -> Statistics:
    """The statistics of a task's predictions."""
    return _TASKS[task](prediction)


class Column:
    """Values of rows, each added to one of some cells."""

    def __init__(self, values: np.ndarray, cell: np.ndarray | int = 0, cells: int = 1) -> None:
        self.values, self.cell, self.cells = values, cell, cells


def sums(columns: list[Column], weights: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Add up rows by their group, each so many times: [groups, cells of all columns]."""
    return np.column_stack([_sum(column, weights, group, groups) for column in columns])


def _sum(column: Column, weights: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    place = group * column.cells + column.cell
    added = np.bincount(place, weights * column.values, minlength=groups * column.cells)
    return added.reshape(groups, column.cells)


def _score_bins(said: np.ndarray) -> tuple[np.ndarray, int]:
    """[rows] the bin of each score, and how many there are: one a score where these are few, else equally full."""
    scores, of_row = np.unique(said, return_inverse=True)
    if len(scores) <= _SCORE_BINS:
        return of_row, max(len(scores), 1)
    edges = np.unique(np.quantile(said, np.arange(1, _SCORE_BINS) / _SCORE_BINS))
    return np.searchsorted(edges, said), len(edges) + 1


def _auc(came: np.ndarray, did_not: np.ndarray) -> np.ndarray:
    won = (came * (np.cumsum(did_not, axis=1) - did_not / 2)).sum(axis=1)
    pairs = came.sum(axis=1) * did_not.sum(axis=1)
    return np.where(pairs > 0, won / pairs, np.nan)


def _average_precision(came: np.ndarray, did_not: np.ndarray) -> np.ndarray:
    found = np.cumsum(came[:, ::-1], axis=1)
    called = found + np.cumsum(did_not[:, ::-1], axis=1)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    total = came.sum(axis=1)
    return np.where(total > 0, (precision * came[:, ::-1]).sum(axis=1) / total, np.nan)


def _calibration_error(came: np.ndarray, said: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """As ``stillroom.table.metrics.calibration_error``, with each group's own equally full bins made of whole cells."""
    total = rows.sum(axis=1, keepdims=True)
    until = np.cumsum(rows, axis=1)
    middle = np.divide(until - rows / 2, total, out=np.zeros_like(until), where=total > 0)
    of_cell = np.minimum((middle * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    place = np.arange(len(rows))[:, None] * CALIBRATION_BINS + of_cell
    surplus = np.bincount(place.ravel(), (came - said).ravel(), minlength=len(rows) * CALIBRATION_BINS)
    return np.abs(surplus.reshape(len(rows), -1)).sum(axis=1) / total[:, 0]
