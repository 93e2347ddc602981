"""One loaded version of a model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillroom.serving.batching import LOOP_SECONDS, THREAD_SECONDS, Batcher, Predict, gain
from stillroom.serving.buckets import ROWS, Buckets
from stillroom.serving.model import Columns, Model
from stillroom.serving.reader import Reader
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature

TIMED_ROWS = 16
Track = Callable[[Columns, np.ndarray], None]
Answered = Callable[[np.ndarray, float, bytes | None], None]


@dataclass(frozen=True, slots=True)
class Version:
    """A model that answers requests.

    ``name`` and ``number`` are the two halves of its tag in BentoML's model store. ``predict`` is the model's, and
    tells whoever keeps track; ``answered``, if any, gets the predictions, the seconds and the identifying header of
    every answered request; ``finish`` is called once there is no more to predict; ``batcher`` gathers requests,
    where that pays off; ``calls`` counts the rows of each call.
    """

    name: str
    number: str
    model: Model
    reader: Reader
    predict: Predict
    calls: Buckets
    batcher: Batcher | None = None
    finish: Callable[[], None] = lambda: None
    answered: Answered | None = None

    @classmethod
    def of(
        cls,
        tag: str,
        model: Model,
        config: ServiceConfig,
        track: Track | None = None,
        finish: Callable[[], None] = lambda: None,
        answered: Answered | None = None,
    ) -> "Version":
        """The version with this tag, `name:number`; ``track`` gets the columns and predictions of every call."""
        name, _, number = tag.partition(":")
        reader = Reader(model.signature, config.max_rows, config.chunk_rows)
        predict = _tracked(model.predict, track) if track else model.predict
        calls = Buckets(ROWS)
        batcher = _batcher(model, reader, predict, calls, config)
        return cls(name, number, model, reader, predict, calls, batcher, finish, answered)

    @property
    def tag(self) -> str:
        """`name:number`."""
        return f"{self.name}:{self.number}"

    @property
    def signature(self) -> Signature:
        """What the model takes and answers."""
        return self.model.signature


def _tracked(predict: Predict, track: Track) -> Predict:
    def predict_and_track(columns: Columns) -> np.ndarray:
        predictions = predict(columns)
        track(columns, predictions)
        return predictions

    return predict_and_track


def _batcher(model: Model, reader: Reader, predict: Predict, calls: Buckets, config: ServiceConfig) -> Batcher | None:
    if config.batching == "off":
        return None
    saved = gain(model.predict, next(reader.rows([{}] * min(TIMED_ROWS, config.max_rows))))
    if config.batching == "auto" and saved < LOOP_SECONDS:
        return None
    return Batcher(predict, config.batch_rows, saved > THREAD_SECONDS, config.batch_wait_us * 1e-6, calls)
