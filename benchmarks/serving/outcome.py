"""What became of the requests of an open loop."""

from array import array
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from serving.work import same

CHECK_EVERY = 20  # answers
WORST_SECONDS = 10


@dataclass
class Outcome:
    """Counts by what happened; latencies in ms, from when a request was due; ``busy`` is the generator's core."""

    rate: float
    seconds: float
    deadline_ms: float
    counts: Counter[str] = field(default_factory=Counter)
    answered_ms: array = field(default_factory=lambda: array("f"))
    refused_ms: array = field(default_factory=lambda: array("f"))
    behind_ms: array = field(default_factory=lambda: array("f"))
    good: Counter[int] = field(default_factory=Counter)
    checked: int = 0
    wrong: int = 0
    busy: float = 0.0

    def answer(self, status: int, body: bytes, expected: np.ndarray, due: float, latency_ms: float) -> None:
        """Count an answer to a request that was due then, in seconds from the start; check every so many."""
        if status != 200:
            self.counts[str(status)] += 1
            self.refused_ms.append(latency_ms)
            return
        in_time = latency_ms <= self.deadline_ms
        self.counts["200 in time" if in_time else "200 too late"] += 1
        self.good[int(due)] += in_time
        self.answered_ms.append(latency_ms)
        if len(self.answered_ms) % CHECK_EVERY == 0:
            self.checked += 1
            self.wrong += not same(body, expected)

    @property
    def goodput(self) -> float:
        """Answers 200 in time, a second."""
        return self.counts["200 in time"] / self.seconds

    @property
    def worst(self) -> float:
        """The same in the worst ten seconds on end."""
        whole = [self.good[second] for second in range(int(self.seconds))]
        span = min(WORST_SECONDS, len(whole))
        return min(sum(whole[start : start + span]) / span for start in range(len(whole) - span + 1))

    @property
    def shares(self) -> dict[str, float]:
        """The share of all requests that each thing happened to, the most frequent first."""
        total = self.counts.total()
        return {what: count / total for what, count in self.counts.most_common()}


def percentile(values: array, share: float) -> float:
    """A percentile; NaN of nothing."""
    return float(np.percentile(values, share)) if values else float("nan")
