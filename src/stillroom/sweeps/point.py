"""One point of a sweep: what was tried, and what came of it."""

import json
import re
import shlex
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

PLAIN = re.compile(r"[\w./-]+")
Outcome = Literal["done", "failed", "pruned"]


class Point(BaseModel):
    """The parameters given, the figures found, and the run that found them; ``reason`` is why there are none.

    Of ``nodes``, ``ran`` had to run; the others had nothing new.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    params: dict[str, Any]
    outcome: Outcome
    figures: dict[str, float] = {}
    run_id: str | None = None
    seconds: float = 0.0
    nodes: int = 0
    ran: list[str] = []
    reason: str = ""


def command(params: dict[str, Any], env: str | None = None) -> str:
    """The `kedro run` with the parameters of a point."""
    given = ",".join(f"{key}={written(value)}" for key, value in params.items())
    return " ".join(["kedro run", *(["--env", shlex.quote(env)] if env else []), "--params", shlex.quote(given)])


def written(value: Any) -> str:
    """A value as `--params` reads it."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return value if PLAIN.fullmatch(value) and isinstance(yaml.safe_load(value), str) else json.dumps(value)
    return str(yaml.safe_dump(value, default_flow_style=True, width=10**6)).removesuffix("\n...\n").strip()
