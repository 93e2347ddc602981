"""A prediction route: from bytes to bytes, without Starlette's request and response objects, which cost more than the
model."""

import asyncio
import logging
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from stillroom.serving.body import read_body
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.decoding import in_turn
from stillroom.serving.http import TASK, WHOLE
from stillroom.serving.large import ask_apart, is_large
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.base import HttpRequest, Protocol, Reply
from stillroom.serving.row_ids import HEADER as ROW_IDS
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version

logger = logging.getLogger(__name__)
FAILED = "the service failed on this request; its log says why"


class Endpoint:
    """The ASGI endpoint of one protocol; POST only."""

    def __init__(self, protocol: Protocol, predictor: Predictor, config: ServiceConfig) -> None:
        self._protocol, self._predictor = protocol, predictor
        self._longest = config.max_body_bytes
        self._patience = config.timeout_seconds
        self._config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        metrics, begun = self._predictor.metrics, perf_counter()
        metrics.in_flight += 1
        scope[TASK] = asyncio.current_task()
        try:
            reply = await self.respond(scope, receive)
        except asyncio.CancelledError:
            if TASK in scope:
                raise
            reply = Reply(b"", 400)  # nobody reads it
        finally:
            metrics.in_flight -= 1
        metrics.answered(self._protocol.label, reply.version, reply.status, reply.rows, perf_counter() - begun)
        length = str(len(reply.body)).encode()
        headers = [(b"content-type", reply.media_type), (b"content-length", length), *reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def respond(self, scope: Scope, receive: Receive) -> Reply:
        """The reply to one HTTP request; never raises."""
        picked = ""
        try:
            request = await self._read(scope, receive)
            begun = perf_counter()  # the time that a body takes to come is its sender's
            version = self._predictor.versions.pick(self._protocol.pinned(request))
            picked = version.number
            reply = await self._answer(request, version, begun)
        except RefusedError as refused:
            reply = self._refusal(refused)
        except ClientDisconnect:
            reply = Reply(b"", 400)  # nobody reads it
        except Exception:
            logger.exception("a prediction failed")
            reply = self._refusal(RefusedError(500, FAILED))
        reply.version = picked
        return reply

    async def _read(self, scope: Scope, receive: Receive) -> HttpRequest:
        if scope["method"] != "POST":
            raise RefusedError(405, "Method Not Allowed; predictions are asked for by POST")
        headers = dict(scope["headers"])
        patience = None if WHOLE in scope else self._patience
        body = await read_body(headers.get(b"content-length"), receive, self._longest, patience)
        return HttpRequest(headers, body, scope.get("path_params", {}))

    async def _answer(self, request: HttpRequest, version: Version, begun: float) -> Reply:
        until = begun + self._config.deadline_seconds
        if is_large(self._protocol, request, version, self._config):
            question, worked = await ask_apart(self._protocol, request, version, self._config, until)
        else:
            question, worked = self._protocol.ask(request, version), 0.0
            if question.decode:
                question.pieces, worked = await in_turn(question.decode, until)
        identifiers = request.headers.get(ROW_IDS)
        # What another process takes to read it is no waiting.
        predictions = await self._predictor.predict(version, question.pieces, begun + worked, identifiers)
        reply = self._protocol.answer(question, predictions, version)
        reply.rows = len(predictions)
        return reply

    def _refusal(self, refused: RefusedError) -> Reply:
        reply = self._protocol.refuse(refused)
        if refused.retry_after is not None:
            reply.headers = [*reply.headers, (b"retry-after", str(refused.retry_after).encode())]
        if refused.status == 405:
            reply.headers = [*reply.headers, (b"allow", b"POST")]
        if refused.status == 408:
            reply.headers = [*reply.headers, (b"connection", b"close")]  # RFC 9110, 15.5.9
        return reply
