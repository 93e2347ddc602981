"""Which columns predict the target so well alone that they may be known only afterwards."""

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from stillroom.table.spec import Task

ROWS = 20_000
LIMIT = 0.99
NAMES: dict[Task, str] = {"binary": "ROC AUC", "multiclass": "accuracy", "regression": "R²"}


def suspicious(frame: pl.DataFrame, columns: list[str], target: str, task: Task) -> dict[str, str]:
    """Column -> how well a small tree on it alone predicts the target, for those that do so almost perfectly.

    The figure is of the half of at most `ROWS` rows that the tree was not taught; `frame` are these rows, shuffled.
    """
    rows = frame.drop_nulls(target)
    values = rows[target]
    truth = (
        values.cast(pl.Float64).to_numpy() if task == "regression" else values.cast(pl.String).rank("dense").to_numpy()
    )
    found = {}
    for name in columns:
        figure = alone(rows[name], truth, task)
        if figure >= LIMIT:
            found[name] = f"alone it predicts {target} with {NAMES[task]} {figure:.3f} on rows not learnt from"
    return found


def alone(values: pl.Series, truth: np.ndarray, task: Task) -> float:
    """How well one column predicts the truth: ROC AUC, R², or the share of classes right beyond the most frequent."""
    half = len(truth) // 2
    numbers = _as_numbers(values, truth, half)
    leaves = max(32, 2 * len(np.unique(truth))) if task == "multiclass" else 32
    tree = DecisionTreeRegressor if task == "regression" else DecisionTreeClassifier
    fitted = tree(max_leaf_nodes=leaves, min_samples_leaf=5, random_state=0).fit(numbers[:half], truth[:half])
    rest, held_out = numbers[half:], truth[half:]
    if task == "binary":
        seen = len(np.unique(truth[:half])) == len(np.unique(held_out)) == 2
        return float(roc_auc_score(held_out, fitted.predict_proba(rest)[:, 1])) if seen else 0.0
    if task == "regression":
        return float(fitted.score(rest, held_out))
    _, counts = np.unique(held_out, return_counts=True)
    most = counts.max() / counts.sum()
    return float((fitted.score(rest, held_out) - most) / (1 - most)) if most < 1 else 0.0


def _as_numbers(values: pl.Series, truth: np.ndarray, half: int) -> np.ndarray:
    """Numbers as they are, categories as the mean truth of their rows in the first half: [rows, 1], NaN is missing."""
    if values.dtype.is_numeric():
        numbers = values.cast(pl.Float32).to_numpy().astype(np.float64)
        return np.where(np.isfinite(numbers), numbers, np.nan)[:, None]
    text = values.cast(pl.String).fill_null("")
    means = pl.DataFrame({"text": text[:half], "truth": truth[:half]}).group_by("text").agg(pl.col("truth").mean())
    joined = pl.DataFrame({"text": text}).join(means, on="text", how="left", maintain_order="left")
    return joined["truth"].cast(pl.Float64).fill_null(float("nan")).to_numpy()[:, None]
