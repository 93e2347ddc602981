"""The hot path: POST /predict, from bytes to bytes, without BentoML's request machinery."""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from stillroom.serving.body import read_body
from stillroom.serving.decode import Decoder
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Columns, Model
from stillroom.serving.settings import ServiceConfig

logger = logging.getLogger(__name__)
Track = Callable[[Columns, np.ndarray], None]
FAILED = "the service failed on this request; its log says why"


class Predictor:
    """Answers requests with one model: decode, predict, hand over for profiling, encode.

    ``tag`` names the model in every answer; ``track`` gets the columns and predictions of every answered request.
    """

    def __init__(self, model: Model, tag: str, config: ServiceConfig, track: Track | None = None) -> None:
        self._model = model
        self._decoder = Decoder(model.signature, config.max_rows)
        self._longest = config.max_body_bytes
        self._track = track
        self._constant: dict[str, Any] = {"model": tag}
        if model.signature.classes:
            self._constant["classes"] = model.signature.classes

    def answer(self, body: bytes) -> bytes:
        """The answer's JSON; raises RefusedError where the body is at fault."""
        columns = self._decoder.decode(body)
        predictions = self._model.predict(columns)
        if self._track:
            self._track(columns, predictions)
        return orjson.dumps({"predictions": predictions, **self._constant}, option=orjson.OPT_SERIALIZE_NUMPY)

    async def respond(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        """The status and JSON body that answer one HTTP request; never raises."""
        try:
            return 200, self.answer(await read_body(scope, receive, self._longest))
        except RefusedError as refused:
            return refused.status, orjson.dumps({"error": refused.sentence})
        except ClientDisconnect:
            return 400, b""  # nobody reads it, but BentoML's middleware waits for an answer
        except Exception:
            logger.exception("a prediction failed")
            return 500, orjson.dumps({"error": FAILED})


class _Predict:
    """The route's bare ASGI endpoint: Starlette's request and response objects cost more than the model."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, body = await scope["app"].state.predictor.respond(scope, receive)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _explain(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body = orjson.dumps({"error": f"{error.detail}; predictions are asked for by POST"})
    return Response(body, error.status_code, error.headers, "application/json")


def create_app() -> Starlette:
    """The app with its routes; set ``app.state.predictor`` before the first request."""
    routes = [Route("/predict", _Predict(), methods=["POST"])]
    return Starlette(routes=routes, exception_handlers={HTTPException: _explain})
