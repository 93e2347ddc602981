"""The candidates as lines of text, for a terminal."""

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import Verdict
from stillroom.compression.measure import Measurements
from stillroom.compression.report.evidence import Candidate, candidates
from stillroom.pages.numbers import METRIC_NAMES, duration, money, score, size
from stillroom.pages.text import aligned


def candidate_table(
    measurements: Measurements,
    verdicts: list[Verdict],
    metric: str,
    budget: BudgetConfig,
    not_made: dict[str, str] | None = None,
) -> str:
    """One line a candidate, the best first. ``not_made`` are those that there are not, and why."""
    shown = candidates(measurements, verdicts, metric)
    least = min(c.verdict.cost_per_million for c in shown)
    batches = [latency.batch for latency in shown[0].figures.latencies]
    lines = [["", "candidate", METRIC_NAMES[metric], "size", *batches, f"{budget.cost.currency}/million", ""]]
    lines += [
        [
            "*" if c.verdict.chosen else "",
            c.name,
            score(c.quality),
            size(c.figures.size_kb),
            *(duration(latency.median_us) for latency in c.figures.latencies),
            money(c.verdict.cost_per_million, least),
            _decision(c),
        ]
        for c in shown
    ]
    dashes = ["–"] * (len(lines[0]) - 3)
    lines += [["", name, *dashes, why] for name, why in (not_made or {}).items()]
    return "\n".join(["Candidates, the best first", *aligned(lines, left=(0, 1, -1))])


def _decision(c: Candidate) -> str:
    """Short, since the figures stand beside it."""
    slow = c.verdict.no_faster
    if not slow:
        return c.decision
    everywhere = len(slow) == len(c.figures.latencies)
    return f"{c.decision}; int8 no faster" + ("" if everywhere else f" for {', '.join(slow)}")
