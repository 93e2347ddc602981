"""The BentoML service of one model, whatever its table.

The model is the Bento's argument `model`, fixed when the Bento is built (datasets/bento.py) or given by hand::

    bentoml serve stillroom.serving.service:Stillroom --arg model=stillroom_flights:latest

BentoML keeps probes, metrics, index page and packaging; the prediction routes are answered by the app in front of its
own, which takes away what makes BentoML's requests slow: middlewares, access log, tracing, long-lived timers.
"""

import asyncio
import gc
import os
from functools import cache
from pathlib import Path
from typing import Any, Self

import bentoml
from _bentoml_sdk import Service
from bentoml._internal.service.openapi.specification import OpenAPISpecification, PathItem
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from stillroom.integrity.digests import IntegrityError
from stillroom.integrity.model import HASH_LABEL, KEY_VARIABLE, read_verified
from stillroom.serving.app import App, routes
from stillroom.serving.endpoint import Endpoint
from stillroom.serving.model import Model
from stillroom.serving.openapi import operation
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.native import Native
from stillroom.serving.settings import ServiceConfig, SettingsError
from stillroom.serving.version import Track, Version
from stillroom.serving.versions import Versions
from stillroom.table.signature import Signature

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")


class Arguments(BaseModel):
    """What a Bento is built with.

    ``model`` is the tag of its model in BentoML's model store, ``sha256`` that of its file, and ``signed`` says that
    the service must not start without verifying its signature.
    """

    model: str
    sha256: str | None = None
    signed: bool = False


class Rows(bentoml.IODescriptor):
    """The input of the native API: the request itself, so that the hot path's own decoder reads the body."""

    rows: list[dict[str, Any]]

    @classmethod
    async def from_http_request(cls, request: Request, serde: Any) -> Self:
        """Hand the request over unread."""
        return cls.model_construct(rows=request)


class Predictions(bentoml.IODescriptor):
    """The output of the native API; multiclass models answer a list for each row, and their classes."""

    predictions: list[Any]
    model: str
    classes: list[str] | None = None


class FrontedService(Service[Any]):
    """A service with the hot path in front, described with the model's own columns."""

    app: App

    def to_asgi(self, *args: Any, **kwargs: Any) -> ASGIApp:
        """BentoML's app behind ours; where tracing is on, OpenTelemetry is in front of both."""
        self.app = App(super().to_asgi(*args, **kwargs))
        return traced(self.app) if CONFIG.trace else self.app

    @property
    def openapi_spec(self) -> OpenAPISpecification:
        """BentoML's description, with ours of the two prediction routes."""
        spec = super().openapi_spec
        for route in ("predict", "score"):
            spec.paths[f"/{route}"] = PathItem(post=operation(_signature(), CONFIG.max_rows, route))
        return spec


ARGUMENTS = bentoml.use_arguments(Arguments)


def _onnx() -> bytes:
    """The model, once it has proved to be the one the Bento was built of; raises IntegrityError."""
    if ARGUMENTS.signed and CONFIG.public_key is None:
        raise IntegrityError(f"{ARGUMENTS.model} must be verified: set {KEY_VARIABLE} to the path of the public key")
    stored = bentoml.models.get(ARGUMENTS.model)
    recorded = ARGUMENTS.sha256 or stored.info.labels.get(HASH_LABEL, "none")
    return read_verified(Path(stored.path), recorded, CONFIG.public_key)


# The model is checked here too, so that a wrong one ends `bentoml serve`, which would start its workers ever again.
try:
    CONFIG = ServiceConfig.from_environment()
    _onnx()
except (SettingsError, IntegrityError) as error:
    raise SystemExit(str(error)) from error


@bentoml.service(
    service_class=FrontedService,
    workers=CONFIG.workers,
    traffic={"timeout": CONFIG.timeout_seconds},
    logging={"access": {"enabled": False}},
    tracing={} if CONFIG.trace else {"excluded_urls": ".*"},
)
class Stillroom:
    """Predictions of one table's model, for rows given as JSON."""

    model = bentoml.models.BentoModel(ARGUMENTS.model)

    def __init__(self) -> None:
        model = Model(_onnx(), CONFIG.providers, CONFIG.threads)
        self._watcher = None
        track: Track | None = None
        if CONFIG.profile_dir:
            self._watcher = _watcher(model.signature, CONFIG.profile_dir)
            track = self._watcher.track
        self._predictor = Predictor(Versions(Version.of(str(self.model.tag), model, CONFIG, track)), CONFIG)
        self._native = Endpoint(Native(), self._predictor, CONFIG)
        service().app.open(routes(self._predictor, CONFIG), self._predictor.metrics)
        # What lives now lives as long as the process: without it every full collection stops requests for longer.
        gc.collect()
        gc.freeze()

    @bentoml.api(input_spec=Rows, output_spec=Predictions)
    async def score(self, rows: Request) -> Response:
        """The same as POST /predict, for BentoML's own clients."""
        reply = await self._native.respond(rows.scope, rows.receive)
        return Response(reply.body, reply.status, media_type="application/json")

    @bentoml.on_startup
    async def begin(self) -> None:
        """Hand the metrics over from time to time."""
        self._flushing = asyncio.create_task(self._predictor.metrics.keep_flushing())

    @bentoml.on_shutdown
    def close(self) -> None:
        """Write the last profile and metrics."""
        self._predictor.metrics.flush()
        if self._watcher:
            self._watcher.close()


def service() -> FrontedService:
    """The service of the class above, which its decorator makes."""
    return Stillroom  # type: ignore[return-value]


def traced(app: ASGIApp) -> ASGIApp:
    """OpenTelemetry in front of the app, with BentoML's own exporter and sampling."""
    from bentoml._internal.configuration.containers import BentoMLContainer
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    return OpenTelemetryMiddleware(app, tracer_provider=BentoMLContainer.tracer_provider.get())


@cache
def _signature() -> Signature:
    return Model(_onnx()).signature


def _watcher(signature: Signature, directory: Path) -> Any:
    """The watcher and its counters; whylogs is imported only where profiles are wanted, since it takes memory."""
    from prometheus_client import Counter

    from stillroom.serving.watch import Watcher

    profiled = Counter("stillroom_profiled_rows", "Rows written to profiles")
    dropped = Counter("stillroom_dropped_rows", "Rows answered but left out of the profiles")
    return Watcher(signature, directory, CONFIG, dropped.inc, profiled.inc)
