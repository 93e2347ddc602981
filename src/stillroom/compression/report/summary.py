"""The lines a run ends with: what a newcomer wants to know, and what to type next."""

import shlex
from dataclasses import dataclass

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.champion import GateVerdict
from stillroom.compression.choose import Choice
from stillroom.compression.measure import Measurements
from stillroom.compression.report.table import aligned, candidate_table
from stillroom.pages.numbers import METRIC_NAMES, score

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
    chosen = measurements[choice.chosen].metrics[metric]
    scores = {"trivial": yardsticks["trivial"][metric], "LightGBM": yardsticks["lightgbm"][metric]}
    scores[choice.chosen] = chosen
    return "\n".join(
        [
            f"{table}: {METRIC_NAMES[metric]} on the test split",
            *aligned([[f"  {name}", score(value)] for name, value in scores.items()], left=(0,)),
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


def ask(body: str, port: int = PORT) -> str:
    """The curl that sends a body to the service, for any POSIX shell."""
    header = "Content-Type: application/json"
    return f"curl -s http://localhost:{port}/predict -H {shlex.quote(header)} -d {shlex.quote(body)}"


def _verdict(gate: GateVerdict, chosen: str) -> str:
    if gate.promoted:
        return f"{chosen} is the champion: {gate.reason}"
    return f"{gate.champion} stays the champion: {chosen} is not better by more than noise"
