"""The candidates as a table with bars, for a notebook."""

from dataclasses import dataclass

from stillroom.compression.choose import Choice
from stillroom.compression.measure import Measurements
from stillroom.compression.report.evidence import candidates
from stillroom.pages import METRIC_NAMES, environment
from stillroom.pages.numbers import duration, score, size


@dataclass(frozen=True)
class Cell:
    """A figure, and how long its bar is: a share of the column's largest."""

    text: str
    share: float


def candidate_bars(measurements: Measurements, choice: Choice) -> str:
    """One row a candidate, the best first: quality, and bars of size and latency; less is better in each bar."""
    shown = candidates(measurements, choice.verdicts, choice.metric)
    columns = {"size": [c.figures.size_kb for c in shown]}
    for i, latency in enumerate(shown[0].figures.latencies):
        columns[latency.batch] = [c.figures.latencies[i].median_us for c in shown]
    rows = [(c, score(c.quality), _cells(columns, i)) for i, c in enumerate(shown)]
    return (
        environment("stillroom.compression.report")
        .get_template("bars.html.j2")
        .render(metric=METRIC_NAMES[choice.metric], columns=list(columns), rows=rows)
    )


def _cells(columns: dict[str, list[float]], row: int) -> list[Cell]:
    return [
        Cell((size if name == "size" else duration)(values[row]), values[row] / max(values))
        for name, values in columns.items()
    ]
