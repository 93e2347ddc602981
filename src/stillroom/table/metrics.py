"""How good predictions are: one set of figures a task, the same at release and when live."""

import warnings
from collections.abc import Callable

import numpy as np
from sklearn.metrics import average_precision_score, f1_score, r2_score, roc_auc_score

from stillroom.table.spec import Task

# The figure a task is judged by, and whether more of it is better.
MAIN_METRIC: dict[Task, str] = {"binary": "roc_auc", "regression": "rmse", "multiclass": "accuracy"}
HIGHER_IS_BETTER = {"roc_auc": True, "rmse": False, "accuracy": True}

CALIBRATION_BINS = 20
_SMALLEST_PROBABILITY = 1e-7  # a prediction of 0 or 1 in float32 costs at most 16 nats


def score(task: Task, target: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """Score predictions against what came true.

    binary: target [rows] of 0/1, prediction [rows] the probability of 1; gives roc_auc, average_precision, log_loss,
    calibration_error. regression: both [rows]; gives rmse, mae, r2. multiclass: target [rows] of class indices,
    prediction [rows, classes] probabilities; gives accuracy, macro_f1, log_loss. A figure that the rows do not
    define, such as roc_auc of one class, is NaN. Raises ValueError on unequal lengths and on predictions that are NaN.
    """
    target, prediction = np.asarray(target), np.asarray(prediction, dtype=np.float64)
    _check(task, target, prediction)
    return {name: _value(metric, target, prediction) for name, metric in _METRICS[task].items()}


def main_score(task: Task, target: np.ndarray, prediction: np.ndarray) -> float:
    """The figure a task is judged by, alone: for resampling, where `score` would work out the others in vain."""
    return _value(_METRICS[task][MAIN_METRIC[task]], target, np.asarray(prediction, dtype=np.float64))


def log_losses(task: Task, target: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """The log loss of every row, in nats: [rows]. Probabilities are kept 1e-7 away from 0."""
    if task == "multiclass":
        of_truth = prediction[np.arange(len(target)), target.astype(int)]
    else:
        of_truth = np.where(target.astype(bool), prediction, 1 - prediction)
    return -np.log(np.clip(of_truth, _SMALLEST_PROBABILITY, 1))


def calibration_error(target: np.ndarray, prediction: np.ndarray) -> float:
    """Expected calibration error: mean |share that came true - mean prediction| over 20 bins, weighted by rows.

    The bins are cut at the quantiles of the predictions, so that they hold equally many rows; equal predictions
    share a bin. (Naeini et al. 2015, with the equal-mass bins of Nixon et al. 2019.)
    """
    inner_edges = np.quantile(prediction, np.arange(1, CALIBRATION_BINS) / CALIBRATION_BINS)
    of_row = np.searchsorted(inner_edges, prediction)
    surplus = np.bincount(of_row, weights=target.astype(np.float64) - prediction)
    return float(np.abs(surplus).sum() / len(target))


def _check(task: Task, target: np.ndarray, prediction: np.ndarray) -> None:
    if len(target) != len(prediction):
        raise ValueError(f"{len(target)} targets but {len(prediction)} predictions; give one prediction a row")
    dimensions = 2 if task == "multiclass" else 1
    if prediction.ndim != dimensions:
        raise ValueError(f"{task} predictions have {dimensions} dimension(s), these have shape {prediction.shape}")
    if np.isnan(prediction).any():
        raise ValueError(f"{int(np.isnan(prediction).any(axis=-1).sum())} predictions are NaN; no score can count them")


def _value(metric: Callable[[np.ndarray, np.ndarray], float], target: np.ndarray, prediction: np.ndarray) -> float:
    if len(target) == 0:
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of one class, of which NaN tells
        return float(metric(target, prediction))


def _roc_auc(target: np.ndarray, prediction: np.ndarray) -> float:
    return float(roc_auc_score(target, prediction)) if len(np.unique(target)) == 2 else float("nan")


def _average_precision(target: np.ndarray, prediction: np.ndarray) -> float:
    return float(average_precision_score(target, prediction)) if target.any() else float("nan")


_METRICS: dict[Task, dict[str, Callable[[np.ndarray, np.ndarray], float]]] = {
    "binary": {
        "roc_auc": _roc_auc,
        "average_precision": _average_precision,
        "log_loss": lambda target, prediction: log_losses("binary", target, prediction).mean(),
        "calibration_error": calibration_error,
    },
    "regression": {
        "rmse": lambda target, prediction: np.sqrt(np.mean((target - prediction) ** 2)),
        "mae": lambda target, prediction: np.mean(np.abs(target - prediction)),
        "r2": r2_score,
    },
    "multiclass": {
        "accuracy": lambda target, prediction: np.mean(prediction.argmax(axis=1) == target),
        "macro_f1": lambda target, prediction: f1_score(target, prediction.argmax(axis=1), average="macro"),
        "log_loss": lambda target, prediction: log_losses("multiclass", target, prediction).mean(),
    },
}
