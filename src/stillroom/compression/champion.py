"""The champion/challenger gate: a challenger must be better on the same rows by more than noise."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC, main_score
from stillroom.table.spec import Declared, Task


class GateConfig(Declared):
    """The gate: bootstrap samples, and the share of them in which the challenger must win."""

    samples: int = Field(default=200, gt=0)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    seed: int = 0


class GateVerdict(BaseModel):
    """Whether the challenger becomes champion, and the evidence.

    ``gain`` is the challenger's better quality (positive is better), with its bootstrap interval.
    """

    model_config = ConfigDict(frozen=True)

    promoted: bool
    reason: str
    metric: str
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    champion: str | None = None


def first_champion(task: Task, reason: str) -> GateVerdict:
    """The verdict where no champion stands that the challenger could be held against."""
    return GateVerdict(promoted=True, reason=reason, metric=MAIN_METRIC[task])


def gate(
    task: Task, target: np.ndarray, challenger: np.ndarray, champion: np.ndarray, name: str, config: GateConfig
) -> GateVerdict:
    """Paired bootstrap of the primary metric over the same rows, champion against challenger.

    Source: Efron and Tibshirani 1993, paired resampling of rows.
    """
    metric = MAIN_METRIC[task]
    sign = 1 if HIGHER_IS_BETTER[metric] else -1
    draw = np.random.default_rng(config.seed)

    def gain(rows: np.ndarray | slice) -> float:
        new, old = (main_score(task, target[rows], predicted[rows]) for predicted in (challenger, champion))
        return sign * (new - old)

    gains = np.array([gain(draw.integers(0, len(target), len(target))) for _ in range(config.samples)])
    low, high = (float(q) for q in np.nanquantile(gains, [1 - config.confidence, config.confidence]))
    promoted = low > 0
    reason = (
        f"better than {name} by more than noise" if promoted else f"not better than {name} by more than noise; it stays"
    )
    return GateVerdict(
        promoted=promoted, reason=reason, metric=metric, gain=gain(slice(None)), low=low, high=high, champion=name
    )
