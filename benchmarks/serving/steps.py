"""Where the time of one request goes: each step by itself, in this process, on the bodies of the benchmark."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serving.work import Work, records
from stillroom.serving.endpoint import Endpoint
from stillroom.serving.formats.json import Json
from stillroom.serving.model import Model
from stillroom.serving.pieces import together
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.native import Native
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

ROUNDS = 40  # through all bodies


def steps(work: Work, onnx: Path, core: int) -> dict[str, float]:
    """The time of each step in µs, on one core; `endpoint` is all of them and what is between them."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return _steps(work, onnx)
    finally:
        os.sched_setaffinity(0, before)


def _steps(work: Work, onnx: Path) -> dict[str, float]:
    config, written = ServiceConfig(), Json()
    version = Version.of("stillroom_flights:aaaaaaaaaaaaaaaa", Model(onnx), config)
    endpoint = Endpoint(Native(config), Predictor(Versions(version), config), config)
    requests = [records(rows, work.signature) for rows, _ in work.pieces(1)]
    pieces = [list(written.decode(body, version)) for body in requests]
    columns = [together(each) for each in pieces]
    predictions = [version.model.predict(each) for each in columns]
    return {
        "read and check": _each(lambda body: list(written.decode(body, version)), requests),
        "make columns": _each(together, pieces),
        "model call": _each(version.model.predict, columns),
        "encode": _each(lambda each: written.encode(each, version), predictions),
        "endpoint": asyncio.run(_through(endpoint, requests)),
    }


def _each(call: Callable[[Any], Any], given: list[Any]) -> float:
    """The best round: what else the machine does only ever adds time."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for each in given:
            call(each)
        taken.append((time.perf_counter() - start) / len(given))
    return 1e6 * min(taken)


async def _through(endpoint: Endpoint, requests: list[bytes]) -> float:
    """The whole application, as uvicorn calls it."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for body in requests:
            await endpoint(_scope(body), _receiver(body), _forget)
        taken.append((time.perf_counter() - start) / len(requests))
    return 1e6 * min(taken)


def _scope(body: bytes) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "headers": headers}


def _receiver(body: bytes) -> Callable[[], Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _forget(message: dict[str, Any]) -> None:
    assert message.get("status", 200) == 200
