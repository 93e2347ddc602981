"""The lines a run ends with: what a newcomer wants to know, and what to type next."""

import shlex
from dataclasses import dataclass

from stillroom.compression.champion import GateVerdict
from stillroom.compression.choose import Choice
from stillroom.compression.measure import Measurements
from stillroom.compression.report.evidence import Candidate, candidates
from stillroom.pages.numbers import METRIC_NAMES, duration, score, size

PORT = 3000


@dataclass(frozen=True)
class Directions:
    """Where things lie on this machine: what comes before a command's name (its folder, settings), the report."""

    programs: str
    report: str


@dataclass(frozen=True)
class Request:
    """One real row as the body of POST /predict, the exact answer of the served model, and the Bento that serves it."""

    bento: str
    body: str
    answer: str


def summary(
    *,
    table: str,
    measurements: Measurements,
    choice: Choice,
    yardsticks: dict[str, dict[str, float]],
    failed: dict[str, str],
    gate: GateVerdict,
    request: Request,
    directions: Directions,
) -> str:
    """The last lines of a run. ``failed`` are the candidates that could not be made, and why."""
    metric, run = choice.metric, directions.programs
    chosen = measurements[choice.chosen].metrics[metric]
    scores = {"trivial": yardsticks["trivial"][metric], "LightGBM": yardsticks["lightgbm"][metric]}
    scores[choice.chosen] = chosen
    return "\n".join(
        [
            f"{table}: {METRIC_NAMES[metric]} on the test split",
            *_columns([[f"  {name}", score(value)] for name, value in scores.items()]),
            "",
            "Candidates, the best first",
            *_columns(_table(candidates(measurements, choice), metric, failed)),
            "",
            _verdict(gate, choice.chosen),
            "",
            f"Report   {directions.report}",
            f"Serve    {run}bentoml serve {request.bento}",
            "Ask      " + ask(request.body),
            f"Answer   {request.answer}",
            f"Look     {run}kedro viz run --params table={table}",
        ]
    )


def ask(body: str, port: int = PORT) -> str:
    """The curl that sends a body to the service, for any POSIX shell."""
    header = "Content-Type: application/json"
    return f"curl -s http://localhost:{port}/predict -H {shlex.quote(header)} -d {shlex.quote(body)}"


def _verdict(gate: GateVerdict, chosen: str) -> str:
    if gate.promoted:
        return f"{chosen} is the champion: {gate.reason}"
    return f"{gate.champion} stays the champion: {chosen} is not better by more than noise"


def _table(shown: list[Candidate], metric: str, failed: dict[str, str]) -> list[list[str]]:
    lines = [["", "candidate", METRIC_NAMES[metric], "size", "1 row", "1,000 rows", ""]]
    for candidate in shown:
        figures = candidate.figures
        lines.append(
            [
                "*" if candidate.verdict.chosen else "",
                candidate.name,
                score(candidate.quality),
                size(figures.size_kb),
                duration(figures.single.median_us),
                duration(figures.many.median_us),
                candidate.decision,
            ]
        )
    return lines + [["", name, "–", "–", "–", "–", f"could not be made: {why}"] for name, why in failed.items()]


def _columns(lines: list[list[str]]) -> list[str]:
    """Lines of cells as aligned text: names to the left, figures to the right."""
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    left = {0, 1, 6} if len(widths) > 2 else {0}
    aligned = [
        [cell.ljust(w) if i in left else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))]
        for line in lines
    ]
    return ["  ".join(line).rstrip() for line in aligned]
