"""Runs as lines of text for a terminal."""

from collections import Counter
from collections.abc import Sequence

from stillroom.pages.numbers import score, span
from stillroom.pages.text import aligned
from stillroom.runs.record import RunRecord

FIGURES, WIDTH = 4, 70


def runs_table(runs: Sequence[RunRecord], figures: Sequence[str] = ()) -> str:
    """One line a run, with these figures, or with those that most of the runs have."""
    shown = list(figures) or _common(runs)
    head = ["run", "table", "outcome", "time", "nodes", "code", *shown, "given"]
    lines = [
        [
            run.run_id,
            run.table,
            run.outcome,
            span(run.seconds),
            f"{len(run.ran)}/{len(run.nodes)}",
            str(run.code),
            *(score(run.figures.get(figure)) for figure in shown),
            _cut(run.error or " ".join(f"{key}={value}" for key, value in run.given.items())),
        ]
        for run in runs
    ]
    return "\n".join(aligned([head, *lines], left=(0, 1, 2, 5, len(head) - 1)))


def _common(runs: Sequence[RunRecord]) -> list[str]:
    """The figures that most runs have; a record holds those that matter most first."""
    return [figure for figure, _ in Counter(figure for run in runs for figure in run.figures).most_common(FIGURES)]


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
