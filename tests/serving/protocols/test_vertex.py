"""Vertex AI's contract with containers, as its documentation has it, asked over HTTP."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from ports import free_port
from serving import onnx_models
from serving.conftest import Built
from serving.loopback import app_of, loopback
from serving.protocols.rows import LISTS, ROWS, expected
from stillroom.serving.protocols.vertex import VertexConfig
from stillroom.serving.settings import SettingsError

# Vertex AI's own defaults.
HEALTH = "/v1/endpoints/1234/deployedModels/5678"
PREDICT = f"{HEALTH}:predict"


@pytest.fixture(scope="module", params=["binary", "multiclass"])
def service(request: pytest.FixtureRequest) -> Iterator[tuple[str, bytes]]:
    """Where the service listens, and its model."""
    onnx = getattr(onnx_models, request.param)()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIP_HEALTH_ROUTE", HEALTH)
        patch.setenv("AIP_PREDICT_ROUTE", PREDICT)
        app = app_of(onnx)
    with loopback(app) as address:
        yield f"http://{address}", onnx


@pytest.mark.parametrize("instances", [ROWS, LISTS], ids=["objects", "lists"])
@pytest.mark.parametrize("more", [{}, {"parameters": {"threshold": 0.5}}], ids=["", "with parameters"])
def test_instances_are_answered_with_one_prediction_each(
    service: tuple[str, bytes], instances: list, more: dict
) -> None:
    url, onnx = service

    answer = httpx.post(f"{url}{PREDICT}", json={"instances": instances} | more)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"predictions"}
    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(onnx))


def test_the_health_route_says_that_the_model_is_loaded(service: tuple[str, bytes]) -> None:
    assert httpx.get(f"{service[0]}{HEALTH}").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, 'the body lacks the key "instances"'),
        ({"instances": "x"}, 422, '"instances" must be a list'),
        ({"instances": [{"hour": True}]}, 422, "column hour: expected a number or null, found the boolean true"),
        ([], 400, "the body must be one JSON object, found an empty list"),
    ],
)
def test_a_bad_request_gets_one_sentence(service: tuple[str, bytes], body: object, status: int, words: str) -> None:
    answer = httpx.post(f"{service[0]}{PREDICT}", json=body)

    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert words in answer.json()["error"]


def test_a_route_that_is_ours_elsewhere_is_vertexs_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIP_PREDICT_ROUTE", "/predict")

    answer = ask("POST", "/predict", {"instances": ROWS})

    assert answer.json().keys() == {"predictions"}


def test_elsewhere_there_are_no_such_routes() -> None:
    assert ask("GET", HEALTH).text == "behind"
    assert ask("POST", PREDICT, {"instances": ROWS}).text == "behind"


def ask(method: str, path: str, body: dict | None = None) -> httpx.Response:
    app = app_of(onnx_models.binary())

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
            return await client.request(method, path, json=body)

    return asyncio.run(send())


def test_the_variables_are_read() -> None:
    given = {"AIP_HTTP_PORT": "8080", "AIP_HEALTH_ROUTE": HEALTH, "AIP_PREDICT_ROUTE": "", "AIP_MODE": "PREDICTION"}

    read = VertexConfig.from_environment(given)

    assert (read.http_port, read.health_route, read.predict_route) == (8080, HEALTH, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIP_HTTP_PORT", "http"),
        ("AIP_HTTP_PORT", "70000"),
        ("AIP_HEALTH_ROUTE", "health"),
        ("AIP_PREDICT_ROUTE", "/{x}"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        VertexConfig.from_environment({name: value})


@pytest.mark.slow
def test_a_bento_listens_where_vertex_asks(flights: Built, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    asked = {"AIP_HTTP_PORT": str(port), "AIP_HEALTH_ROUTE": HEALTH, "AIP_PREDICT_ROUTE": PREDICT}
    process = subprocess.Popen(
        [sys.executable, "-m", "bentoml", "serve", flights.bento, "--host", "127.0.0.1"],
        env={**os.environ, "BENTOML_HOME": str(flights.home), "STILLROOM_SERVING_DRAIN_SECONDS": "0", **asked},
        cwd=tmp_path,
    )
    try:
        wait_until_healthy(f"{url}{HEALTH}")
        answer = httpx.post(f"{url}{PREDICT}", json={"instances": ROWS})
    finally:
        process.terminate()
        process.wait(30)

    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(flights.onnx))


def wait_until_healthy(url: str, patience: float = 120.0) -> None:
    """As Vertex AI waits for a container."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"nothing healthy at {url}")
