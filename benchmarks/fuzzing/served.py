"""The app over HTTP and gRPC, in a process of its own: `python -m fuzzing.served PORT GRPC_PORT`."""

import asyncio
import gc
import os
import sys

import uvicorn
from starlette.responses import PlainTextResponse

from serving.loopback import predictor_of
from serving.onnx_models import multiclass
from stillroom.serving.app import App, routes
from stillroom.serving.http import use_http
from stillroom.serving.protocols.open_inference.grpc_server import start
from stillroom.serving.settings import ServiceConfig

LARGE_BYTES = 300  # so that some of the bodies are read as large ones are


async def main(port: int, grpc_port: int) -> None:
    """Serve until the process is ended."""
    config = ServiceConfig(
        grpc_port=grpc_port, grpc_host="127.0.0.1", deadline_seconds=60, decode_apart_bytes=LARGE_BYTES
    )
    predictor = predictor_of(multiclass(), config=config)
    app = App(PlainTextResponse("behind"))
    app.open(routes(predictor, config), predictor.metrics)
    server = await start(predictor, config)
    flushing = asyncio.create_task(predictor.metrics.keep_flushing())
    gc.collect()
    gc.freeze()  # as the service does
    use_http(config.max_waiting, config.timeout_seconds)
    await uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off")).serve()
    flushing.cancel()
    await server.stop(1)


if __name__ == "__main__":
    os.environ["AIP_PREDICT_ROUTE"] = "/vertex"
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
