"""What a run found out, gathered for its report."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.champion import GateConfig, GateVerdict
from stillroom.compression.choose import Choice, Verdict
from stillroom.compression.measure import Measured, Measurements
from stillroom.compression.pruning.trial import PruningTrials
from stillroom.compression.quality import goodness
from stillroom.compression.quantisation.trial import QuantisationTrials
from stillroom.compression.speed import told
from stillroom.compression.timing import Latency
from stillroom.pages.numbers import duration
from stillroom.table.metrics import HIGHER_IS_BETTER
from stillroom.table.spec import TableSpec

TEACHER = "teacher"
History = list[dict[str, float]]


@dataclass(frozen=True)
class Evidence:
    """The findings of one run.

    ``quality`` is the data quality report; ``histories`` one entry an epoch by network. ``float_parity`` is each
    export's largest difference from torch. ``predictions`` are those of the test rows by candidate, and their `target`.
    """

    table: TableSpec
    measurements: Measurements
    choice: Choice
    gate: GateVerdict
    yardsticks: dict[str, dict[str, float]]
    quality: dict[str, Any]
    histories: dict[str, History]
    float_parity: dict[str, float]
    pruning: PruningTrials
    int8_trials: QuantisationTrials
    predictions: dict[str, np.ndarray]
    budget: BudgetConfig
    gate_config: GateConfig
    git_commit: str


@dataclass(frozen=True)
class Candidate:
    """One candidate's figures beside the verdict on it."""

    figures: Measured
    verdict: Verdict
    quality: float

    @property
    def name(self) -> str:
        """Such as `student_dynamic`."""
        return self.figures.name

    @property
    def on_front(self) -> bool:
        """Whether no other candidate is at least as good, fast and small, and better in one of these."""
        return self.verdict.dominated_by is None

    @property
    def decision(self) -> str:
        """Chosen or not, and why; without the figures that stand beside it anyway."""
        if self.verdict.chosen:
            return f"chosen: {self.verdict.reason.partition(';')[0]}"
        if self.verdict.broken:
            return f"over {', '.join(self.verdict.broken)}"
        return "on the front" if self.on_front else f"dominated by {self.verdict.dominated_by}"

    @property
    def no_faster(self) -> str:
        """Where a quantised candidate is no faster than its source, in words; empty where it is."""
        return told(self.verdict.no_faster, self.figures.source)


def candidates(measurements: Measurements, verdicts: list[Verdict], metric: str) -> list[Candidate]:
    """Every candidate, the best of the primary metric first."""
    of = {verdict.name: verdict for verdict in verdicts}
    made = [Candidate(m, of[m.name], m.metrics[metric]) for m in measurements.candidates]
    return sorted(made, key=lambda c: (-goodness(c.figures, metric), c.figures.size_kb))


def advantage(metric: str, value: float, other: float) -> float:
    """By how much a value of a metric is better than another; below 0 where it is worse."""
    return value - other if HIGHER_IS_BETTER[metric] else other - value


def interval(latency: Latency) -> str:
    """The interval of a median, such as `16.9 to 17.4 µs`."""
    low, high = duration(latency.low_us), duration(latency.high_us)
    unit = high[high.index(" ") :]
    return f"{low.removesuffix(unit)} to {high}"
