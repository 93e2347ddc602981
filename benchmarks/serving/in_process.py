"""The service's own endpoint in this process, asked without a socket."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from serving.work import Work
from stillroom.serving.endpoint import Endpoint
from stillroom.serving.model import Model
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.native import Native
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions


class Nothing:
    """Metrics that count nothing."""

    in_flight = 0

    def __getattr__(self, name: str) -> "Nothing":
        return self

    def __call__(self, *given: Any) -> None:
        """Forget it."""


def predictor_of(onnx: Path, counted: bool = True) -> Predictor:
    """The service's predictor, with its metrics or without."""
    config = ServiceConfig()
    predictor = Predictor(Versions(Version.of("stillroom_flights:aaaaaaaaaaaaaaaa", Model(onnx), config)), config)
    if not counted:
        predictor.metrics = Nothing()  # type: ignore[assignment]
    return predictor


def endpoint_of(predictor: Predictor) -> Endpoint:
    """POST /predict."""
    config = ServiceConfig()
    return Endpoint(Native(config), predictor, config)


def bodies(work: Work, rows: int) -> list[bytes]:
    """Requests of so many rows."""
    return [orjson.dumps({"rows": piece}) for piece, _ in work.pieces(rows)]


async def ask(endpoint: Endpoint, body: bytes) -> None:
    """One request, as uvicorn hands it over; raises AssertionError where it is refused."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "headers": headers}
    await endpoint(scope, _receiver(body), _forget)


def _receiver(body: bytes) -> Callable[[], Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _forget(message: Any) -> None:
    assert message.get("status", 200) == 200
