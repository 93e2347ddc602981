"""SageMaker's contract with containers: GET /ping and POST /invocations.

JSON is ``{"instances": [...]}`` in, ``{"predictions": [...]}`` out. CSV is, as SageMaker's own algorithms have it, a
line a row without a line of names: the model's columns in their order in, the prediction or each class's probability
out. The answer has the format that `Accept` names, else that of the body.
Sources: "Custom Inference Code with Hosting Services" and "Common Data Formats for Inference" of SageMaker.
"""

import codecs
import csv
import io
from collections.abc import Iterator

import numpy as np
import orjson
from starlette.routing import BaseRoute, Route

from stillroom.serving.endpoint import Endpoint
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.accept import accepted
from stillroom.serving.formats.base import Format
from stillroom.serving.formats.csv import Csv, csv_text
from stillroom.serving.model import Columns
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.base import HttpRequest, Protocol, Question, Reply
from stillroom.serving.protocols.health import health
from stillroom.serving.protocols.instances import parse_object, read_instances
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version


class Instances(Format):
    """JSON."""

    media_type = "application/json"

    def decode(self, body: bytes, version: Version) -> Iterator[Columns]:
        """The instances of a body."""
        return read_instances(parse_object(body), version)

    def encode(self, predictions: np.ndarray, version: Version) -> bytes:
        """A number an instance, or a probability of each class."""
        return orjson.dumps({"predictions": predictions}, option=orjson.OPT_SERIALIZE_NUMPY)


class BareCsv(Csv):
    """CSV without a line of names; where the first line holds nothing but names of columns, it is one all the same."""

    def decode(self, body: bytes, version: Version) -> Iterator[Columns]:
        """One row a line."""
        return super().decode(_with_names(body, version.signature.columns), version)

    def encode(self, predictions: np.ndarray, version: Version) -> bytes:
        """One row a line."""
        rows = predictions.reshape(len(predictions), -1).astype(str)
        return "".join(",".join(row) + "\n" for row in rows).encode()


class SageMaker(Protocol):
    """Both formats; a question's note is the media type of its answer."""

    label = "sagemaker"

    def __init__(self, config: ServiceConfig) -> None:
        self._formats: dict[str, Format] = {each.media_type: each for each in (Instances(), BareCsv(config.max_rows))}

    def ask(self, request: HttpRequest, version: Version) -> Question:
        """The rows of a body; raises RefusedError for a media type that is not known, too."""
        named = request.media_type.decode("latin-1")
        given = self._formats.get(named)
        if given is None:
            raise RefusedError(415, f"cannot read a body of {named[:80]}; the choices are: {', '.join(self._formats)}")
        answer = accepted(request.headers.get(b"accept"), given, self._formats).media_type
        return Question(given.decode(request.body, version), answer)

    def answer(self, question: Question, predictions: np.ndarray, version: Version) -> Reply:
        """Predictions in the order of the rows."""
        written = self._formats[question.note]
        return Reply(written.encode(predictions, version), media_type=written.media_type.encode())


def _with_names(body: bytes, columns: list[str]) -> bytes:
    text = io.StringIO(body.decode("utf-8-sig", "replace"), newline="")
    try:
        first = next(csv.reader(text, strict=True), [])
    except csv.Error:
        return body  # which is refused for it
    if not body.strip() or (first and set(first) <= set(columns)):
        return body
    return csv_text(columns, []) + body.removeprefix(codecs.BOM_UTF8)


def routes(predictor: Predictor, config: ServiceConfig) -> list[BaseRoute]:
    """Health, and predictions."""
    invocations = Endpoint(SageMaker(config), predictor, config)
    return [Route("/ping", health(predictor.versions)), Route("/invocations", invocations)]
