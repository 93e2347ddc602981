"""Where the loop stands: a small JSON file, written whole after every step."""

import datetime as dt
import os
from pathlib import Path
from typing import Any, Literal, Self

from click import ClickException
from pydantic import BaseModel, ConfigDict, ValidationError

from stillroom.loop.canary.counts import Counts

Step = Literal["monitor", "retrain", "judge", "sign", "promote", "place", "watch", "settle"]
Result = Literal["healthy", "warned", "kept", "promoted", "rolled_back"]
MOST_OUTCOMES = 100


class Kept(BaseModel):
    """Base of what the file holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Outcome(Kept):
    """How a round ended, and why. ``champion`` is the tag that stands after it, ``challenger`` what was made."""

    ended: dt.datetime
    result: Result
    reasons: list[str]
    champion: str | None
    challenger: str | None = None


class Canary(Kept):
    """When the new version got its share, and what the services had counted by then, by version."""

    since: dt.datetime
    baseline: dict[str, dict[str, Counts]]


class State(Kept):
    """The next ``step`` of a round, what the steps before it found, and how earlier rounds ended, the newest last.

    ``window`` is the split that the round trains on, ``reasons`` what it goes by. ``faults`` are what speaks against
    the canary, None until it was judged. ``attempted`` is the first day that the last training of a model had not seen.
    """

    step: Step = "monitor"
    champion: str | None = None
    challenger: str | None = None
    window: dict[str, Any] | None = None
    reasons: list[str] = []
    canary: Canary | None = None
    faults: list[str] | None = None
    attempted: dt.date | None = None
    outcomes: list[Outcome] = []

    def then(self, step: Step, **found: Any) -> Self:
        """The state before the next step."""
        return self.model_copy(update={"step": step, **found})

    def ended(self, result: Result, reasons: list[str], champion: str | None) -> "State":
        """The state before the next round."""
        outcome = Outcome(
            ended=dt.datetime.now(dt.UTC),
            result=result,
            reasons=reasons,
            champion=champion,
            challenger=self.challenger,
        )
        attempted = dt.date.fromisoformat(self.window["live"]) if self.window else self.attempted
        return State(attempted=attempted, outcomes=[*self.outcomes, outcome][-MOST_OUTCOMES:])


def read(path: Path) -> State:
    """The state in the file, or the first where there is none; raises ClickException where it holds something else."""
    try:
        return State.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return State()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise ClickException(
            f"{path} does not hold the state of a loop ({where}: {first['msg']}); move it away to begin anew"
        ) from error


def write(state: State, path: Path) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with unfinished.open("w") as file:
        file.write(state.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
