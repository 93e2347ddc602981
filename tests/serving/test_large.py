"""Large requests in text, which another process reads, asked over HTTP."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path

import httpx
import numpy as np
import pytest

from serving import onnx_models
from serving.formats.test_decoding import fork, until
from serving.loopback import NAME, app_of, loopback, predictor_of
from serving.protocols.rows import NAMES
from stillroom.serving import large
from stillroom.serving.formats.decoding import SHARED, Decoder
from stillroom.serving.protocols.base import HttpRequest
from stillroom.serving.protocols.native import Native
from stillroom.serving.settings import ServiceConfig

CONFIG = ServiceConfig(decode_apart_bytes=2_000, max_rows=1_000, chunk_rows=64, deadline_seconds=60)
ROWS = [
    {"distance": 0.5 * index, "hour": None if index % 7 else index, "carrier": "é" if index % 3 else "UA", "origin": 7}
    for index in range(200)
]
COLUMNS = {name: [row[name] for row in ROWS] for name in NAMES}
CSV = "\n".join(",".join("" if value is None else str(value) for value in row.values()) for row in ROWS) + "\n"
TENSORS = [
    {"name": name, "datatype": "FP64" if name in ("distance", "hour") else "BYTES", "shape": [200, 1], "data": values}
    for name, values in {**COLUMNS, "origin": ["7"] * 200}.items()
]
LARGE = {
    "rows": ("/predict", {"rows": ROWS}, "application/json"),
    "columns": ("/predict", {"columns": COLUMNS}, "application/json"),
    "CSV": ("/predict", ",".join(NAMES) + "\n" + CSV, "text/csv"),
    "instances": (f"/v1/models/{NAME}:predict", {"instances": ROWS}, "application/json"),
    "inputs": (f"/v1/models/{NAME}:predict", {"inputs": COLUMNS}, "application/json"),
    "tensors": (f"/v2/models/{NAME}/infer", {"id": "7", "inputs": TENSORS}, "application/json"),
    "SageMaker's CSV": ("/invocations", CSV, "text/csv"),
}


@pytest.fixture(scope="module")
def urls() -> Iterator[list[str]]:
    """A service that has large requests read by the other process, and one that reads all itself."""
    whole = CONFIG.model_copy(update={"decode_apart_bytes": 2**20})
    models = onnx_models.binary()
    with loopback(app_of(models, config=CONFIG)) as apart, loopback(app_of(models, config=whole)) as here:
        yield [f"http://{apart}", f"http://{here}"]


def ask(url: str, path: str, body: object, content_type: str) -> httpx.Response:
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx.post(f"{url}{path}", content=content.encode(), headers={"content-type": content_type}, timeout=60)


@pytest.mark.parametrize("name", LARGE)
def test_a_large_request_is_answered_as_if_it_were_read_here(urls: list[str], name: str) -> None:
    apart, here = (ask(url, *LARGE[name]) for url in urls)

    assert apart.status_code == 200, apart.text
    assert (apart.content, apart.headers["content-type"]) == (here.content, here.headers["content-type"])


WRONG = [
    ("/predict", {"rows": [*ROWS, {"hour": "x"}]}),
    ("/predict", {"rows": [*ROWS, {"gate": 1}]}),
    ("/predict", {"rows": [*ROWS, {"distance": 1e39}]}),
    ("/predict", {"rows": ROWS * 6}),
    ("/predict", json.dumps({"rows": ROWS})[:-1]),
    (f"/v1/models/{NAME}:predict", {"instances": [*ROWS, 7]}),
    (f"/v2/models/{NAME}/infer", {"inputs": [*TENSORS, TENSORS[0]]}),
    ("/v2/models/other/infer", {"inputs": TENSORS}),
]


@pytest.mark.parametrize(("path", "body"), WRONG)
def test_a_large_request_that_does_not_fit_gets_the_same_sentence(urls: list[str], path: str, body: object) -> None:
    apart, here = (ask(url, path, body, "application/json") for url in urls)

    assert 400 <= apart.status_code < 500
    assert (apart.status_code, apart.json()) == (here.status_code, here.json())


def test_small_requests_are_answered_while_a_large_one_is_read(urls: list[str]) -> None:
    ask(urls[0], *LARGE["rows"])
    busy = fork()
    os.kill(busy, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as other:
        try:
            waiting = other.submit(ask, urls[0], *LARGE["rows"])
            until(SHARED._lock.locked)

            small = ask(urls[0], "/predict", {"rows": ROWS[:1]}, "application/json")

            assert small.status_code == 200
            assert SHARED._lock.locked()
        finally:
            os.kill(busy, signal.SIGCONT)
        assert np.float32(waiting.result().json()["predictions"])[0] == np.float32(small.json()["predictions"])[0]


def test_the_process_that_reads_them_leaves_no_metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(large, "SHARED", Decoder())
    version = predictor_of(onnx_models.binary()).versions.default
    request = HttpRequest({}, json.dumps({"rows": ROWS}).encode(), {})

    question, _ = asyncio.run(large.ask_apart(Native(CONFIG), request, version, CONFIG, until=inf))

    assert sum(len(piece["hour"]) for piece in question.pieces) == len(ROWS)
    assert list(tmp_path.iterdir()) == []
