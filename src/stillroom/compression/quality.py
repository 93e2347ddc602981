"""How good candidates are, by the metric that their task is judged by."""

from stillroom.compression.measure import Measured
from stillroom.table.metrics import HIGHER_IS_BETTER

TINY = 1e-12


def goodness(m: Measured, metric: str) -> float:
    """The quality, more being better."""
    return m.metrics[metric] if HIGHER_IS_BETTER[metric] else -m.metrics[metric]


def best_quality(measured: list[Measured], metric: str) -> float:
    """The best value of the metric."""
    return max(measured, key=lambda m: goodness(m, metric)).metrics[metric]


def quality_loss(value: float, best: float, metric: str) -> float:
    """How much worse than the best a value is, 0 or more; relative where less is better, as of RMSE."""
    return best - value if HIGHER_IS_BETTER[metric] else (value - best) / max(best, TINY)


def worst_allowed(best: float, loss: float, metric: str) -> float:
    """The value that loses just so much against the best."""
    return best - loss if HIGHER_IS_BETTER[metric] else best * (1 + loss)
