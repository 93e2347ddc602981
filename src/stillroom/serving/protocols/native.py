"""Stillroom's own protocol: rows in, predictions out.

POST /predict takes rows in the format that `Content-Type` names (formats/), such as
``{"rows": [{column: value, ...}, ...]}``, and answers in the one that `Accept` names, else in the same: JSON's answer
is ``{"predictions": [...], "model": tag}``. The header `x-model-version` of an answer says which version gave it.
Errors are always JSON.
"""

from functools import partial

import numpy as np

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.accept import accepted
from stillroom.serving.formats.json import Json
from stillroom.serving.formats.known import known_formats
from stillroom.serving.pieces import together
from stillroom.serving.protocols.base import HttpRequest, Protocol, Question, Reply
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version


class Native(Protocol):
    """Bodies of any known format; a question's note is the media type of its answer."""

    label = "native"

    def __init__(self, config: ServiceConfig) -> None:
        self._formats = known_formats(config)
        self._by_header = {name.encode(): each for name, each in self._formats.items()}

    def ask(self, request: HttpRequest, version: Version) -> Question:
        """The rows of a body; raises RefusedError for a media type that is not known, too."""
        given = self._by_header.get(request.media_type)
        if given is None:
            named = request.media_type.decode("latin-1")[:80]
            raise RefusedError(415, f"cannot read a body of {named}; the choices are: {', '.join(self._formats)}")
        answer = accepted(request.headers.get(b"accept"), given, self._formats).media_type
        if given.waits:
            return Question(note=answer, decode=partial(given.decode, request.body, version))
        return Question(given.decode(request.body, version), answer)

    def reads(self, request: HttpRequest) -> bool:
        """Not tables, which another process decodes anyway."""
        given = self._by_header.get(request.media_type)
        return given is not None and not given.waits

    def answer(self, question: Question, predictions: np.ndarray, version: Version) -> Reply:
        """Predictions in the order of the rows."""
        written = self._formats[question.note]
        headers = [(b"x-model-version", version.number.encode())]
        return Reply(written.encode(predictions, version), media_type=written.media_type.encode(), headers=headers)


def answer(body: bytes, version: Version) -> bytes:
    """What a service with this version answers to a JSON body of a few rows; raises RefusedError."""
    written = Json()
    predictions = np.concatenate([version.model.predict(together([piece])) for piece in written.decode(body, version)])
    return written.encode(predictions, version)
