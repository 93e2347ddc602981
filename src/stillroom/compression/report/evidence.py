"""What a run found out, gathered for its report."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from stillroom.compression.champion import GateConfig, GateVerdict
from stillroom.compression.choose import Choice, Verdict
from stillroom.compression.measure import Measured, Measurements
from stillroom.compression.settings import BudgetConfig
from stillroom.table.metrics import HIGHER_IS_BETTER
from stillroom.table.spec import TableSpec

TEACHER = "teacher"
History = list[dict[str, float]]


@dataclass(frozen=True)
class Evidence:
    """The findings of one run.

    ``quality`` is the data quality report; ``histories`` one entry an epoch by network. ``float_parity`` is each
    export's largest difference from torch, ``int8_parity`` each int8 model's from float32, or why it could not be
    made. ``predictions`` are those of the test rows by candidate, and their `target`.
    """

    table: TableSpec
    measurements: Measurements
    choice: Choice
    gate: GateVerdict
    yardsticks: dict[str, dict[str, float]]
    quality: dict[str, Any]
    histories: dict[str, History]
    float_parity: dict[str, float]
    int8_parity: dict[str, float | str]
    predictions: dict[str, np.ndarray]
    budget: BudgetConfig
    gate_config: GateConfig
    git_commit: str


@dataclass(frozen=True)
class Candidate:
    """One candidate's figures beside the verdict on it; ``on_front`` where no other is both better and faster."""

    figures: Measured
    verdict: Verdict
    quality: float
    on_front: bool

    @property
    def name(self) -> str:
        """Such as `student_dynamic`."""
        return self.figures.name

    @property
    def decision(self) -> str:
        """Chosen or rejected, and why; without the figures that stand beside it anyway."""
        if self.verdict.chosen:
            return f"chosen: {self.verdict.reason}"
        if self.verdict.broken:
            return f"rejected: over {', '.join(self.verdict.broken)}"
        return f"rejected: {self.verdict.reason.partition(':')[0]}"


def candidates(measurements: Measurements, choice: Choice) -> list[Candidate]:
    """Every candidate, the best of the primary metric first."""
    verdicts = {verdict.name: verdict for verdict in choice.verdicts}
    front = pareto_front(measurements.candidates, choice.metric)
    made = [Candidate(m, verdicts[m.name], m.metrics[choice.metric], m.name in front) for m in measurements.candidates]
    return sorted(made, key=lambda c: (-_goodness(c.figures, choice.metric), c.figures.size_kb))


def pareto_front(measured: list[Measured], metric: str) -> set[str]:
    """The names of those than which no other is at least as good and as fast at batch 1, and better in one."""

    def beats(a: Measured, b: Measured) -> bool:
        good, fast = _goodness(a, metric) - _goodness(b, metric), b.single.median_us - a.single.median_us
        return good >= 0 and fast >= 0 and (good > 0 or fast > 0)

    return {m.name for m in measured if not any(beats(other, m) for other in measured)}


def advantage(metric: str, value: float, other: float) -> float:
    """By how much a value of a metric is better than another; below 0 where it is worse."""
    return value - other if HIGHER_IS_BETTER[metric] else other - value


def _goodness(m: Measured, metric: str) -> float:
    return advantage(metric, m.metrics[metric], 0.0)
