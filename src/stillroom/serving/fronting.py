"""What stands in front of the hot path: nothing, unless it is declared."""

from collections.abc import Sequence
from typing import Any

from bentoml._internal.configuration.containers import BentoMLContainer
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

Declared = tuple[Any, dict[str, Any]]


def fronted(app: ASGIApp, middlewares: Sequence[Declared], trace: bool) -> ASGIApp:
    """The app behind what is declared: OpenTelemetry, the service's own middlewares, CORS, from the outside inwards.

    ``middlewares`` are those of BentoML's `add_asgi_middleware`, the outermost first, with their options. CORS is that
    of BentoML's configuration, `api_server.http.cors`.
    """
    if BentoMLContainer.http.cors.enabled.get():
        options: dict[str, Any] = BentoMLContainer.access_control_options.get()
        app = CORSMiddleware(app, **options)
    for middleware, given in reversed(middlewares):
        app = middleware(app, **given)
    return traced(app) if trace else app


def traced(app: ASGIApp) -> ASGIApp:
    """OpenTelemetry in front of the app, with BentoML's own exporter and sampling."""
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    return OpenTelemetryMiddleware(app, tracer_provider=BentoMLContainer.tracer_provider.get())


def send_last_spans() -> None:
    """Export the spans that wait to be sent, which a worker's end would lose: it comes by a signal."""
    BentoMLContainer.tracer_provider.get().force_flush()
