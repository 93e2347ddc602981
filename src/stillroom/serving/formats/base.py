"""What every format of a body says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np

from stillroom.serving.pieces import Piece
from stillroom.serving.version import Version


class Format(ABC):
    """How one media type writes the rows of a request and the predictions of an answer.

    An instance serves all requests and keeps none. Where it ``waits``, another process decodes, for which no event loop
    may wait.
    """

    media_type: str
    waits = False

    @abstractmethod
    def decode(self, body: bytes, version: Version) -> Iterable[Piece]:
        """The model's inputs in pieces; raises RefusedError, also while they are read."""

    @abstractmethod
    def encode(self, predictions: np.ndarray, version: Version) -> bytes:
        """Float32 predictions, [rows] or [rows, classes], as a body."""


def answer_columns(version: Version) -> list[str]:
    """The columns of an answer that is a table: `prediction`, or `probability_<class>` for each class."""
    classes = version.signature.classes
    return [f"probability_{each}" for each in classes] if classes else ["prediction"]
