"""The hot path: the prediction routes, in front of BentoML's own app.

BentoML's middlewares cost more than the model (its timers, traces and logs), so that these routes never reach them.
"""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from stillroom.serving.endpoint import Endpoint
from stillroom.serving.metrics import Metrics
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols import sagemaker, tensorflow_serving, vertex
from stillroom.serving.protocols.native import Native
from stillroom.serving.protocols.open_inference import rest as open_inference
from stillroom.serving.settings import ServiceConfig


class App:
    """Our routes, and behind them the app that answers everything else.

    A route without parameters is found by its path alone. Until ``open`` is called there are no routes of ours. Before
    BentoML answers `/metrics`, ours are handed over.
    """

    def __init__(self, behind: ASGIApp) -> None:
        self._behind = behind
        self._fixed: dict[str, ASGIApp] = {}
        self._router: ASGIApp = behind
        self._metrics: Metrics | None = None

    def open(self, routes: Sequence[BaseRoute], metrics: Metrics) -> None:
        """Answer these routes from now on."""
        self._metrics = metrics
        self._router = Router(routes, redirect_slashes=False, default=self._behind)
        self._fixed = {
            route.path: route.endpoint
            for route in reversed(routes)  # of two routes at one path the first answers
            if isinstance(route, Route) and isinstance(route.endpoint, Endpoint) and not route.param_convertors
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand over."""
        if scope["type"] == "http":
            if scope["path"] == "/metrics" and self._metrics:
                self._metrics.flush()
            await self._fixed.get(scope["path"], self._router)(scope, receive, send)
        else:
            await self._behind(scope, receive, send)


def routes(predictor: Predictor, config: ServiceConfig) -> list[BaseRoute]:
    """The routes of all protocols."""
    return [
        *vertex.routes(predictor, config),  # first, since their paths are not ours to choose
        *native_routes(predictor, config),
        *open_inference.routes(predictor, config),
        *tensorflow_serving.routes(predictor, config),
        *sagemaker.routes(predictor, config),
    ]


def native_routes(predictor: Predictor, config: ServiceConfig) -> list[BaseRoute]:
    """Stillroom's own protocol."""
    endpoint = Endpoint(Native(config), predictor, config)
    return [Route("/predict", endpoint), Route("/versions/{version}/predict", endpoint)]
