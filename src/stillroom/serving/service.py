"""The BentoML service of one model, whatever its table.

The model is the Bento's argument `model`, fixed when the Bento is built (datasets/bento.py) or given by hand::

    bentoml serve stillroom.serving.service:Stillroom --arg model=stillroom_flights:latest

BentoML keeps probes, metrics, index page and packaging; the prediction routes are answered by the app in front of its
own, which takes away what makes BentoML's requests slow: middlewares, access log, tracing, long-lived timers.
"""

import asyncio
import gc
import os
import tempfile
from functools import cache
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

import bentoml
from _bentoml_sdk import Service
from bentoml._internal.service.openapi.specification import OpenAPISpecification, PathItem
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from stillroom.integrity.digests import IntegrityError
from stillroom.serving.admin import admin_routes
from stillroom.serving.app import App, routes
from stillroom.serving.contract import Arguments, Predictions, Rows
from stillroom.serving.drain import Drain
from stillroom.serving.drift_file import DriftFile
from stillroom.serving.endpoint import Endpoint
from stillroom.serving.errors import RefusedError
from stillroom.serving.follower import Follower
from stillroom.serving.fronting import fronted, send_last_spans
from stillroom.serving.http import Http, use_http
from stillroom.serving.metrics import DROPPED, LEFT_OUT, PROFILED
from stillroom.serving.model import Model
from stillroom.serving.openapi import operation
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.native import Native
from stillroom.serving.protocols.open_inference.grpc_port import hold_port
from stillroom.serving.protocols.vertex import VertexConfig
from stillroom.serving.settings import ServiceConfig, SettingsError
from stillroom.serving.shared_state import SharedState, provide_directory
from stillroom.serving.store import VersionStore
from stillroom.serving.versions import Versions
from stillroom.table.signature import Signature

if TYPE_CHECKING:
    from stillroom.serving.watch import Watcher

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")


class FrontedService(Service[Any]):
    """A service with the hot path in front, described with the columns of the version that answers by default."""

    app: App
    versions: Versions | None = None

    def to_asgi(self, *args: Any, **kwargs: Any) -> ASGIApp:
        """BentoML's app behind ours, and what is declared for both in front."""
        declared = list(self.middlewares)
        self.middlewares.clear()
        try:
            self.app = App(super().to_asgi(*args, **kwargs))
        finally:
            self.middlewares.extend(declared)
        return fronted(self.app, declared, CONFIG.trace)

    @property
    def openapi_spec(self) -> OpenAPISpecification:
        """BentoML's description, with ours of the two prediction routes."""
        spec, default = super().openapi_spec, self.versions and self.versions.default
        tag, signature = (default.tag, default.signature) if default else (STORE.tag, _signature())
        for route in ("predict", "score"):
            spec.paths[f"/{route}"] = PathItem(post=operation(signature, tag, CONFIG.max_rows, route))
        return spec


ARGUMENTS = bentoml.use_arguments(Arguments)
HELD: list[socket] = []  # until the service ends


def _watcher(signature: Signature, version: str) -> "Watcher | None":
    """The watcher of a version's profiles; whylogs is imported only where they are wanted, since it takes memory."""
    if CONFIG.profile_dir is None:
        return None
    from stillroom.serving.watch import Watcher

    def leave_out(what: str, count: int) -> None:
        LEFT_OUT.labels(what).inc(count)

    return Watcher(signature, CONFIG.profile_dir, CONFIG, DROPPED.inc, PROFILED.inc, version, leave_out)


# The model is checked here too, so that a wrong one ends `bentoml serve`, which would start its workers ever again.
try:
    CONFIG = ServiceConfig.from_environment()
    PORT = VertexConfig.from_environment().http_port or 3000  # BentoML's own
    STORE = VersionStore(ARGUMENTS.model, CONFIG, ARGUMENTS.sha256, ARGUMENTS.signed, _watcher)
    STORE.read(STORE.own)
except (SettingsError, IntegrityError) as error:
    raise SystemExit(str(error)) from error
use_http(CONFIG.max_waiting, CONFIG.timeout_seconds)


@bentoml.service(
    service_class=FrontedService,
    workers=CONFIG.workers,
    http={"port": PORT},
    traffic={"timeout": CONFIG.timeout_seconds},
    logging={"access": {"enabled": False}},
    tracing={} if CONFIG.trace else {"excluded_urls": ".*"},
)
class Stillroom:
    """Predictions of one table's model, for rows given as JSON."""

    model = bentoml.models.BentoModel(ARGUMENTS.model)

    def __init__(self) -> None:
        self._follower = Follower(STORE, SharedState(CONFIG.state_dir or Path(tempfile.mkdtemp()), STORE.declared))
        self._predictor = Predictor(self._follower.versions, CONFIG)
        self._native = Endpoint(Native(CONFIG), self._predictor, CONFIG)
        self._drift = DriftFile(CONFIG.drift_file) if CONFIG.drift_file else None
        opened = [*routes(self._predictor, CONFIG), *admin_routes(self._follower, CONFIG)]
        service().app.open(opened, self._predictor.metrics)
        service().versions = self._predictor.versions
        Http.on_turned_away = staticmethod(self._predictor.metrics.turned_away)
        # What lives now lives as long as the process: without it every full collection stops requests for longer.
        if CONFIG.gc_freeze:
            gc.collect()
            gc.freeze()

    @bentoml.api(input_spec=Rows, output_spec=Predictions)
    async def score(self, rows: Request) -> Response:
        """The same as POST /predict, for BentoML's own clients."""
        reply = await self._native.respond(rows.scope, rows.receive)
        return Response(reply.body, reply.status, media_type=reply.media_type.decode())

    async def __is_ready__(self) -> bool:
        """What BentoML's `/readyz` asks."""
        return self._predictor.versions.ready

    def __metrics__(self, text: str) -> str:
        """What `/metrics` shows: BentoML's and our own series, and what the monitoring found."""
        return text + self._drift.series() if self._drift else text

    @bentoml.on_deployment
    @staticmethod
    def prepare() -> None:
        """Before the workers start, which would start ever again: what is declared can be loaded and shared."""
        try:
            for number in STORE.declared.loaded:
                STORE.model(number)
            provide_directory(CONFIG)
            if CONFIG.grpc_port:
                HELD.extend(hold_port(CONFIG.grpc_host, CONFIG.grpc_port))
        except (SettingsError, RefusedError) as error:
            raise SystemExit(str(error)) from error

    @bentoml.on_startup
    async def begin(self) -> None:
        """Hand the metrics over from time to time, open the port of gRPC where there is one, and end gracefully."""
        Drain.at_sigterm(self._predictor.versions, CONFIG)
        self._flushing = asyncio.create_task(self._predictor.metrics.keep_flushing())
        self._grpc = await _grpc(self._predictor) if CONFIG.grpc_port else None

    @bentoml.on_shutdown
    async def close(self) -> None:
        """Let the last calls end; write the last profile, metrics and spans."""
        if self._grpc:
            await self._grpc.stop(CONFIG.timeout_seconds)
        self._predictor.metrics.flush()
        self._follower.close()
        if CONFIG.trace:
            await asyncio.to_thread(send_last_spans)


def service() -> FrontedService:
    """The service of the class above, which its decorator makes."""
    return Stillroom  # type: ignore[return-value]


async def _grpc(predictor: Predictor) -> Any:
    """The gRPC server; grpcio is imported only where it is wanted, since it takes memory."""
    from stillroom.serving.protocols.open_inference.grpc_server import start

    return await start(predictor, CONFIG)


@cache
def _signature() -> Signature:
    return Model(STORE.read(STORE.own)).signature
