"""What every candidate is held against: a trivial prediction, and LightGBM on the same columns and split."""

import numpy as np

from stillroom.table.encoding import Encoded, Encoding
from stillroom.table.metrics import score
from stillroom.training.trees import TreesConfig, fit_trees, predict_trees


def yardsticks(
    parts: dict[str, Encoded], encoding: Encoding, config: TreesConfig, seed: int
) -> dict[str, dict[str, float]]:
    """The test metrics of `trivial` (the training mean or class shares for every row) and of `lightgbm`."""
    task, test = encoding.target.task, parts["test"]
    booster = fit_trees(parts["train"], parts["validation"], encoding, config, seed)
    return {
        "trivial": score(task, test["target"], _trivial(parts["train"]["target"], len(test["target"]), encoding)),
        "lightgbm": score(task, test["target"], predict_trees(booster, test)),
    }


def _trivial(target: np.ndarray, rows: int, encoding: Encoding) -> np.ndarray:
    if encoding.target.task != "multiclass":
        return np.full(rows, target.mean())
    shares = np.bincount(target.astype(int), minlength=encoding.target.outputs) / len(target)
    return np.tile(shares, (rows, 1))
