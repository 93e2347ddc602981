"""The probes of all protocols: what they say while the service is ending, and that it answers meanwhile."""

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from serving import onnx_models
from serving.loopback import DEFAULTS, NAME, predictor_of
from serving.protocols.rows import COLUMNS, ROWS
from stillroom.serving.app import App, routes

HEALTH = "/v1/endpoints/1234/deployedModels/5678"
READINESS = {
    "/ping": None,
    HEALTH: None,
    f"/v1/models/{NAME}": "ready",
    "/v2/health/ready": "ready",
    f"/v2/models/{NAME}/ready": "ready",
    f"/v2/models/{NAME}/versions/v1/ready": "ready",
}
INPUTS = [
    {"name": name, "shape": [3], "datatype": "FP32" if name in ("distance", "hour") else "BYTES", "data": values}
    for name, values in COLUMNS.items()
]
PREDICTIONS = {
    "/predict": {"rows": ROWS},
    "/invocations": {"instances": ROWS},
    f"/v1/models/{NAME}:predict": {"instances": ROWS},
    f"/v2/models/{NAME}/infer": {"inputs": INPUTS},
}


@pytest.fixture
def ending_app(monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("AIP_HEALTH_ROUTE", HEALTH)
    predictor = predictor_of(onnx_models.binary())
    app = App(PlainTextResponse("behind"))
    app.open(routes(predictor, DEFAULTS), predictor.metrics)
    assert all(ask(app, "GET", path).status_code == 200 for path in READINESS)
    predictor.versions.ready = False
    return app


def ask(app: App, method: str, path: str, body: dict | None = None) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
            return await client.request(method, path, json=body)

    return asyncio.run(send())


@pytest.mark.parametrize(("path", "key"), READINESS.items())
def test_a_service_that_is_ending_is_not_ready(ending_app: App, path: str, key: str | None) -> None:
    answer = ask(ending_app, "GET", path)

    assert answer.status_code == 503
    assert answer.json()[key] is False if key else answer.text == "the service is ending"


def test_it_is_alive(ending_app: App) -> None:
    assert ask(ending_app, "GET", "/v2/health/live").json() == {"live": True}


def test_a_model_that_is_not_served_stays_unknown(ending_app: App) -> None:
    assert ask(ending_app, "GET", "/v2/models/other/ready").status_code == 404


@pytest.mark.parametrize(("path", "body"), PREDICTIONS.items())
def test_it_answers_as_before(ending_app: App, path: str, body: dict) -> None:
    assert ask(ending_app, "POST", path, body).status_code == 200
