"""The Pareto front of the candidates: who is beaten by whom."""

from stillroom.compression.measure import Measured
from stillroom.compression.quality import goodness


def dominated_by(measured: list[Measured], metric: str) -> dict[str, str | None]:
    """Candidate -> one on the front that is at least as good, as fast and as small, and better in one of these.

    None: no other is, so that the candidate is on the front itself. Fast is the latency of the declared batch, to
    which the cost of a million predictions is proportional. Of several the one with the best quality is named.
    """
    front = [m for m in measured if not any(_beats(other, m, metric) for other in measured)]
    best_first = sorted(front, key=lambda m: (-goodness(m, metric), m.many.median_us))
    return {m.name: next((f.name for f in best_first if _beats(f, m, metric)), None) for m in measured}


def _beats(a: Measured, b: Measured, metric: str) -> bool:
    gains = (goodness(a, metric) - goodness(b, metric), b.many.median_us - a.many.median_us, b.size_kb - a.size_kb)
    return min(gains) >= 0 and max(gains) > 0
