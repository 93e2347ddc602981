"""Stillroom's own protocol: rows in, predictions out.

POST /predict takes ``{"rows": [{column: value, ...}, ...]}`` and answers ``{"predictions": [...], "model": tag}``.
"""

from typing import Any

import numpy as np

from stillroom.serving.document import parse
from stillroom.serving.errors import RefusedError
from stillroom.serving.protocols.base import JSON, HttpRequest, Protocol, Question, Reply, json_reply
from stillroom.serving.version import Version


class Native(Protocol):
    """JSON records."""

    label = "native"

    def ask(self, request: HttpRequest, version: Version) -> Question:
        """The rows of a JSON body."""
        if request.media_type != JSON:
            given = request.media_type.decode("latin-1")[:80]
            raise RefusedError(415, f"send the body as application/json, not as {given}")
        document = parse(request.body)
        if not isinstance(document, dict) or document.keys() != {"rows"}:
            raise RefusedError(422, 'the body must be one JSON object with the single key "rows"')
        return Question(version.reader.rows(document["rows"]))

    def answer(self, question: Question, predictions: np.ndarray, version: Version) -> Reply:
        """Predictions in the order of the rows."""
        document: dict[str, Any] = {"predictions": predictions, "model": version.tag}
        if version.signature.classes:
            document["classes"] = version.signature.classes
        return json_reply(document)


def answer(body: bytes, version: Version) -> bytes:
    """What a service with this version answers to the body of a request of a few rows; raises RefusedError."""
    protocol = Native()
    question = protocol.ask(HttpRequest({}, body, {}, b""), version)
    predictions = np.concatenate([version.model.predict(piece) for piece in question.pieces])
    return protocol.answer(question, predictions, version).body
