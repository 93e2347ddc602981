"""Serve an ASGI app as users reach it, over loopback, for clients that speak real HTTP."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from stillroom.serving.app import App, routes
from stillroom.serving.model import Model
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

NAME, NUMBER = "stillroom_t", "v1"
DEFAULTS = ServiceConfig(deadline_seconds=60)  # the machine of a test may be busy


def predictor_of(*onnx: bytes, config: ServiceConfig = DEFAULTS) -> Predictor:
    """Answers with these models, versions v1, v2, ...; the first is the default."""
    loaded = [Version.of(f"{NAME}:v{number}", Model(each), config) for number, each in enumerate(onnx, 1)]
    versions = Versions(loaded[0])
    versions.serve({each.number: each for each in loaded}, NUMBER)
    return Predictor(versions, config)


def app_of(*onnx: bytes, config: ServiceConfig = DEFAULTS) -> App:
    """The app that answers with these models in every protocol."""
    predictor = predictor_of(*onnx, config=config)
    app = App(PlainTextResponse("behind"))
    app.open(routes(predictor, config), predictor.metrics)
    return app


@contextmanager
def loopback(app: ASGIApp) -> Iterator[str]:
    """Run uvicorn in a thread and yield its host and port, such as 127.0.0.1:4711."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=asyncio.run, args=(server.serve([listener]),))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
