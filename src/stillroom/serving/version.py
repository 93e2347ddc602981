"""One loaded version of a model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillroom.serving.batching import Batcher, pays_off
from stillroom.serving.model import Columns, Model
from stillroom.serving.reader import Reader
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature

TIMED_ROWS = 16
Track = Callable[[Columns, np.ndarray], None]


@dataclass(frozen=True, slots=True)
class Version:
    """A model that answers requests.

    ``name`` and ``number`` are the two halves of its tag in BentoML's model store; ``track`` gets the columns and
    predictions of every answered request, and ``finish`` is called once there are no more; ``batcher`` gathers
    requests, where that pays off.
    """

    name: str
    number: str
    model: Model
    reader: Reader
    track: Track | None = None
    batcher: Batcher | None = None
    finish: Callable[[], None] = lambda: None

    @classmethod
    def of(
        cls,
        tag: str,
        model: Model,
        config: ServiceConfig,
        track: Track | None = None,
        finish: Callable[[], None] = lambda: None,
    ) -> "Version":
        """The version with this tag, `name:number`."""
        name, _, number = tag.partition(":")
        reader = Reader(model.signature, config.max_rows, config.chunk_rows)
        return cls(name, number, model, reader, track, _batcher(model, reader, config), finish)

    @property
    def tag(self) -> str:
        """`name:number`."""
        return f"{self.name}:{self.number}"

    @property
    def signature(self) -> Signature:
        """What the model takes and answers."""
        return self.model.signature


def _batcher(model: Model, reader: Reader, config: ServiceConfig) -> Batcher | None:
    if config.batching == "off":
        return None
    example = next(reader.rows([{}] * min(TIMED_ROWS, config.max_rows)))
    if config.batching == "auto" and not pays_off(model, example):
        return None
    return Batcher(model, config.batch_rows, config.batch_wait_us * 1e-6)
