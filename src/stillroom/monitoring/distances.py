"""How far two distributions are apart: effect sizes, which do not grow with the number of rows.

Counts have the shape [..., bins]; the leading axes broadcast, the answer has their shape. Where one side is empty
the answer is NaN.
"""

import numpy as np
from scipy.stats import chi2

_SMALLEST_SHARE = 1e-4  # stands in for an empty bin, so that one new value does not make the distance infinite


def shares(counts: np.ndarray) -> np.ndarray:
    """Counts as shares of their sum over the last axis."""
    total = counts.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, counts / np.where(total > 0, total, 1), np.nan)


def psi(counts: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Population stability index in nats: the symmetric Kullback-Leibler divergence (Jeffreys) of the shares."""
    p, q = np.maximum(shares(counts), _SMALLEST_SHARE), np.maximum(shares(reference), _SMALLEST_SHARE)
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def psi_noise(rows: np.ndarray, reference_rows: np.ndarray, bins: int, chance: float) -> np.ndarray:
    """The PSI that two samples of one distribution pass with no more than this chance.

    PSI / (1/n + 1/m) of such samples is chi-squared with bins - 1 degrees of freedom (Yurdakul 2018).
    """
    with np.errstate(divide="ignore"):
        return (1 / rows + 1 / reference_rows) * chi2.ppf(1 - chance, max(bins - 1, 1))


def jensen_shannon(counts: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Jensen-Shannon distance with base 2, between 0 and 1: the root of the divergence."""
    p, q = shares(counts), shares(reference)
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return np.sqrt(np.maximum(divergence, 0))


def wasserstein(cdf: np.ndarray, reference_cdf: np.ndarray, points: np.ndarray, scale: float) -> np.ndarray:
    """First Wasserstein distance in units of ``scale``, from distribution functions at sorted ``points``."""
    gaps = np.abs(cdf - reference_cdf)[..., :-1]
    return (gaps * np.diff(points)).sum(axis=-1) / scale


def _relative_entropy(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """In bits; 0 log 0 is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = p * np.log2(p / q)
    return np.where(p == 0, 0.0, terms).sum(axis=-1)
