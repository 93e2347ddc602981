"""The record of one run."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["running", "completed", "failed"]


class CodeVersion(BaseModel):
    """The git commit, whether files differed from it, and a fingerprint of the project's own code as it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    commit: str
    dirty: bool
    source: str

    def __str__(self) -> str:
        return f"{self.commit[:7] or 'no commit'}{'+' if self.dirty else ''}"


class DataVersion(BaseModel):
    """What a run read and did not make; the fingerprint is None where nothing tells one state from another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str | None
    files: int = 0
    bytes: int = 0


class RunRecord(BaseModel):
    """One run, of a command, a notebook or a sweep; one that is ``running`` for ever was killed.

    ``given`` are the parameters that were given, ``params`` all by their dotted keys; ``figures`` those of the catalog
    entries marked so, as `entry.figure`; ``artefacts`` what nodes saved, by catalog entry: the file or folder beside
    this record, or where the catalog has it. Of ``nodes``, ``ran`` were run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    run_id: str
    session: str
    began: dt.datetime
    seconds: float = 0.0
    outcome: Outcome = "running"
    error: str = ""
    table: str
    env: str | None
    pipelines: list[str]
    given: dict[str, Any]
    params: dict[str, Any]
    code: CodeVersion
    data: dict[str, DataVersion] = {}
    figures: dict[str, float] = {}
    artefacts: dict[str, str] = {}
    nodes: list[str] = []
    ran: list[str] = []
