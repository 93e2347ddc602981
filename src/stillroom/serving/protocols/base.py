"""What every protocol over HTTP says of itself."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from stillroom.serving.errors import RefusedError
from stillroom.serving.pieces import Piece
from stillroom.serving.version import Version

JSON = b"application/json"
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class HttpRequest:
    """A request whose body is read; ``headers`` by lower-case name, ``path`` the parameters of its route."""

    headers: Mapping[bytes, bytes]
    body: bytes
    path: Mapping[str, str]

    @property
    def media_type(self) -> bytes:
        """The body's media type without parameters, in lower case; JSON where none is named."""
        return self.headers.get(b"content-type", JSON).partition(b";")[0].strip().lower()


@dataclass(slots=True)
class Question:
    """What a request asks: its columns, in pieces that are read when their turn comes, and what the answer needs.

    ``note`` is anything that JSON can hold. Where another process must decode them first, ``decode`` waits for it and
    returns the pieces.
    """

    pieces: Iterable[Piece] = ()
    note: Any = None
    decode: Callable[[], Iterable[Piece]] | None = None


@dataclass(slots=True)
class Reply:
    """An HTTP answer; ``version`` and ``rows`` are for the metrics, set by the endpoint."""

    body: bytes
    status: int = 200
    media_type: bytes = JSON
    headers: Headers | tuple[()] = ()
    version: str = ""
    rows: int = 0


class Protocol(ABC):
    """How one protocol writes requests, answers and errors; an instance serves all requests and keeps none."""

    label: str  # in metrics

    def pinned(self, request: HttpRequest) -> str | None:
        """The version that the request asks for, if any: by its route, else by the header `x-model-version`."""
        named = request.path.get("version")
        if named is None and (header := request.headers.get(b"x-model-version")):
            named = header.decode("latin-1")
        return named

    @abstractmethod
    def ask(self, request: HttpRequest, version: Version) -> Question:
        """Read the body; raises RefusedError where it does not fit."""

    def reads(self, request: HttpRequest) -> bool:
        """Whether ``ask`` reads the body itself, which takes long where it is large."""
        return True

    @abstractmethod
    def answer(self, question: Question, predictions: np.ndarray, version: Version) -> Reply:
        """Write predictions: [rows], or [rows, classes]."""

    def refuse(self, refused: RefusedError) -> Reply:
        """Write an error."""
        return Reply(orjson.dumps({"error": refused.sentence}), refused.status)


def json_reply(document: Any) -> Reply:
    """An answer in JSON; numpy arrays are lists."""
    return Reply(orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY))
