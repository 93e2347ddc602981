"""Which numeric columns say the same: Pearson correlation where values may be missing."""

from typing import TypedDict

import numpy as np
import polars as pl

HIGH = 0.9
FEWEST_ROWS = 10
COVERED = 0.9


class Pair(TypedDict):
    """Two columns and their Pearson correlation."""

    columns: list[str]
    correlation: float


def correlated_pairs(rows: pl.LazyFrame, columns: list[str]) -> list[Pair]:
    """Pairs of numeric columns whose correlation reaches 0.9 in size, strongest first.

    Counted are pairs that stand side by side in ten rows and in nine tenths of the rows that the sparser one has:
    with less, one column does not stand in for the other.
    """
    if len(columns) < 2:
        return []
    values = rows.select(pl.col(columns).cast(pl.Float64).fill_null(float("nan"))).collect().to_numpy()
    correlation, together = pairwise_correlation(values)
    present = np.diag(together)
    enough = (together >= FEWEST_ROWS) & (together >= COVERED * np.minimum.outer(present, present))
    pairs = [
        Pair(columns=[columns[i], columns[j]], correlation=float(correlation[i, j]))
        for i, j in zip(*np.triu_indices(len(columns), 1), strict=True)
        if enough[i, j] and abs(correlation[i, j]) >= HIGH
    ]
    return sorted(pairs, key=lambda pair: -abs(pair["correlation"]))


def pairwise_correlation(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pearson correlation of every two columns over the rows that hold both, and how many those are.

    Args:
        values: float [rows, columns]; NaN and infinities are missing.

    Returns:
        correlation [columns, columns], 0 where one of the two does not vary; rows held by both, the same shape.
    """
    held = np.isfinite(values)
    safe = np.where(held, values, 0.0)
    counts = np.maximum(held.sum(0), 1)
    centred = np.where(held, safe - safe.sum(0) / counts, 0.0)
    largest = np.abs(centred).max(0, initial=0.0)
    centred = np.divide(centred, largest, out=np.zeros_like(centred), where=largest > 0)
    mask = held.astype(float)
    together = mask.T @ mask
    rows = np.maximum(together, 1)
    sums = centred.T @ mask
    spread = np.maximum((centred**2).T @ mask - sums**2 / rows, 0.0)
    norm = np.sqrt(spread * spread.T)
    covariance = centred.T @ centred - sums * sums.T / rows
    correlation = np.divide(covariance, norm, out=np.zeros_like(norm), where=norm > 1e-12)
    return np.clip(correlation, -1, 1), together
