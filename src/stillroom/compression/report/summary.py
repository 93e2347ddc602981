"""The lines a run ends with: what a newcomer wants to know, and what to type next."""

import shlex
from dataclasses import dataclass

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.champion import GateVerdict
from stillroom.compression.choose import Choice
from stillroom.compression.measure import Measurements
from stillroom.compression.report.evidence import TEACHER
from stillroom.compression.report.table import candidate_table
from stillroom.pages.numbers import METRIC_NAMES, duration, score, size
from stillroom.pages.text import aligned

PORT = 3000


@dataclass(frozen=True)
class Directions:
    """Where things lie on this machine.

    ``programs`` comes before a command's name (its folder, settings), ``service`` before that of the service.
    """

    programs: str
    report: str
    service: str = ""


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
    budget: BudgetConfig,
    yardsticks: dict[str, dict[str, float]],
    not_made: dict[str, str],
    gate: GateVerdict,
    request: Request,
    directions: Directions,
) -> str:
    """The last lines of a run. ``not_made`` are the candidates that there are not, and why."""
    metric, run = choice.metric, directions.programs
    return "\n".join(
        [
            f"{table}: {METRIC_NAMES[metric]} on the test split",
            *aligned(_scores(measurements, choice, yardsticks), left=(0,)),
            "",
            candidate_table(measurements, choice.verdicts, metric, budget, not_made),
            "",
            _verdict(gate, choice.chosen),
            "",
            f"Report   {directions.report}",
            f"Serve    {directions.service}{run}bentoml serve {request.bento}",
            "Ask      " + ask(request.body),
            f"Answer   {request.answer}",
            f"Look     {run}kedro viz run --params table={table}",
        ]
    )


def _scores(measurements: Measurements, choice: Choice, yardsticks: dict[str, dict[str, float]]) -> list[list[str]]:
    """The yardsticks and the chosen candidate: quality, size, latency of one row."""
    metric, chosen = choice.metric, measurements[choice.chosen]
    names = {"trivial": "trivial", "lightgbm": "LightGBM", TEACHER: TEACHER}
    lines = []
    for name, found in yardsticks.items():
        cost = [size(found["size_kb"]), duration(found["single_us"])] if "size_kb" in found else ["", ""]
        lines.append([f"  {names[name]}", score(found[metric]), *cost])
    quality = score(chosen.metrics[metric])
    return [*lines, [f"  {choice.chosen}", quality, size(chosen.size_kb), duration(chosen.single.median_us)]]


def ask(body: str, port: int = PORT) -> str:
    """The curl that sends a body to the service, for any POSIX shell."""
    header = "Content-Type: application/json"
    return f"curl -s http://localhost:{port}/predict -H {shlex.quote(header)} -d {shlex.quote(body)}"


def _verdict(gate: GateVerdict, chosen: str) -> str:
    if gate.promoted:
        return f"{chosen} is the champion: {gate.reason}"
    return f"{gate.champion} stays the champion: {chosen} is not better by more than noise"
