"""One loaded version of a model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillroom.serving.model import Columns, Model
from stillroom.serving.reader import Reader
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature

Track = Callable[[Columns, np.ndarray], None]


@dataclass(frozen=True, slots=True)
class Version:
    """A model that answers requests.

    ``name`` and ``number`` are the two halves of its tag in BentoML's model store; ``track`` gets the columns and
    predictions of every answered request.
    """

    name: str
    number: str
    model: Model
    reader: Reader
    track: Track | None = None

    @classmethod
    def of(cls, tag: str, model: Model, config: ServiceConfig, track: Track | None = None) -> "Version":
        """The version with this tag, `name:number`."""
        name, _, number = tag.partition(":")
        return cls(name, number, model, Reader(model.signature, config.max_rows, config.chunk_rows), track)

    @property
    def tag(self) -> str:
        """`name:number`."""
        return f"{self.name}:{self.number}"

    @property
    def signature(self) -> Signature:
        """What the model takes and answers."""
        return self.model.signature
