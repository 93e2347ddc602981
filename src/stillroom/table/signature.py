"""What an exported model says of itself: the metadata that travels inside the ONNX file."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from stillroom.table.inputs import AnyInput
from stillroom.table.spec import Task

METADATA_KEY = "stillroom"


class Signature(BaseModel):
    """The columns a model takes, what it answers, and where it comes from.

    ``classes`` holds the class names of a multiclass model in the order of its output columns;
    ``source`` the candidate that a quantised one was made from. ``known`` are the categories of the columns that have
    any, which who opens a model reads off its graph: the metadata does not repeat them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    task: Task
    target: str
    classes: list[str] | None = None
    inputs: list[AnyInput]
    spec_hash: str = ""
    data_version: str = ""
    git_commit: str = ""
    candidate: str = ""
    source: str | None = None
    metrics: dict[str, float] = {}
    budget: dict[str, Any] = {}
    known: Mapping[str, frozenset[str]] = Field(default={}, exclude=True)

    @property
    def columns(self) -> list[str]:
        """The names of the inputs, in order."""
        return [each.name for each in self.inputs]

    @classmethod
    def from_metadata(cls, text: str) -> Self:
        """Read the JSON text kept under ``METADATA_KEY``; raises pydantic's ValidationError."""
        return cls.model_validate_json(text)
