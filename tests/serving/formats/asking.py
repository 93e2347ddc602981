"""One app with one model, asked in this process."""

import asyncio
from typing import Any

import httpx
import numpy as np
from starlette.responses import PlainTextResponse

from serving import onnx_models
from stillroom.serving.app import App, routes
from stillroom.serving.model import Model
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

CONFIG = ServiceConfig(max_rows=1_000, max_batch_rows=5_000, chunk_rows=64, deadline_seconds=60)
ROWS = [
    {"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"},
    {"distance": None, "hour": 9, "carrier": None, "origin": "7"},
    {"distance": 1 / 3, "hour": None, "carrier": 'a "quoted", text', "origin": "true"},
]


def version(onnx: bytes, config: ServiceConfig = CONFIG) -> Version:
    """The loaded model."""
    return Version.of("stillroom_t:v1", Model(onnx), config)


def ask(
    body: bytes, media_type: str, accept: str = "*/*", onnx: bytes | None = None, config: ServiceConfig = CONFIG
) -> httpx.Response:
    """The answer to POST /predict; the binary model's unless another is given."""
    app = App(PlainTextResponse("behind"))
    predictor = Predictor(Versions(version(onnx or onnx_models.binary(), config)), config)
    app.open(routes(predictor, config), predictor.metrics)

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
            return await client.post("/predict", content=body, headers={"content-type": media_type, "accept": accept})

    return asyncio.run(send())


def in_json(rows: list[dict[str, Any]] | None = None, onnx: bytes | None = None) -> np.ndarray:
    """What the JSON answer to rows says, as float32."""
    body = httpx.Request("POST", "http://service", json={"rows": rows or ROWS}).content
    return np.float32(ask(body, "application/json", onnx=onnx).json()["predictions"])
