"""Candidates made up by their figures."""

from stillroom.compression.measure import Measured
from stillroom.compression.timing import Latency

NOISE = 0.02  # the half of an interval, as a share of the median


def candidate(
    name: str,
    quality: float,
    size_kb: float,
    single: float,
    many: float,
    *,
    metric: str = "roc_auc",
    source: str | None = None,
    batch: int = 1000,
) -> Measured:
    """Of a quality, a size, and medians in µs for one row and for the batch."""
    return Measured(
        name=name,
        source=source,
        size_kb=size_kb,
        metrics={metric: quality},
        single=latency(1, single),
        many=latency(batch, many),
    )


def latency(rows: int, median: float) -> Latency:
    return Latency(
        rows=rows,
        median_us=median,
        low_us=median * (1 - NOISE),
        high_us=median * (1 + NOISE),
        p99_us=2 * median,
        runs=10,
    )


CANDIDATES = [
    candidate("teacher", 0.72, 2000, 300, 90_000),
    candidate("student", 0.71, 60, 20, 900),
    candidate("pruned", 0.70, 30, 15, 500),
    candidate("int8", 0.69, 20, 18, 300, source="student"),
]
