"""What is declared in BentoML's way stands in front of the hot path too."""

import asyncio
from pathlib import Path

import httpx
import pytest
import yaml
from starlette.types import ASGIApp, Receive, Scope, Send

from serving import onnx_models
from serving.conftest import Built
from serving.loopback import app_of
from serving.served import served
from stillroom.serving.fronting import fronted

ORIGIN = "https://shop.example"
ASKED = {"origin": ORIGIN, "access-control-request-method": "POST"}


class Stamped:
    """Adds a word to the header `x-stamps` of every answer."""

    def __init__(self, app: ASGIApp, word: str) -> None:
        self._app, self._word = app, word.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: dict) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-stamps", self._word)]
            await send(message)

        await self._app(scope, receive, stamped)


def ask(app: ASGIApp, method: str, headers: dict[str, str] | None = None) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
            return await client.request(method, "/predict", json={"rows": [{}]}, headers=headers)

    return asyncio.run(send())


def test_where_nothing_is_declared_nothing_stands_there() -> None:
    app = app_of(onnx_models.binary())

    assert fronted(app, [], trace=False) is app


def test_the_middlewares_of_a_service_see_predictions_the_first_one_outermost() -> None:
    app = fronted(app_of(onnx_models.binary()), [(Stamped, {"word": "outer"}), (Stamped, {"word": "inner"})], False)

    answer = ask(app, "POST")

    assert answer.status_code == 200
    assert answer.headers.get_list("x-stamps") == ["inner", "outer"]


@pytest.mark.slow
def test_bentomls_cors_lets_a_page_ask_for_predictions(flights: Built, tmp_path: Path) -> None:
    cors = {"enabled": True, "access_control_allow_origins": [ORIGIN], "access_control_allow_methods": ["POST"]}
    config = tmp_path / "bentoml.yaml"
    config.write_text(yaml.safe_dump({"services": {"Stillroom": {"http": {"cors": cors}}}}))
    variables = {"BENTOML_HOME": str(flights.home), "BENTOML_CONFIG": str(config)}

    with served(flights.bento, variables) as url, httpx.Client(base_url=url) as client:
        for route in ("/predict", "/score"):
            allowed = client.options(route, headers=ASKED)
            answered = client.post(route, json={"rows": [{}]}, headers={"origin": ORIGIN})
            refused = client.options(route, headers=ASKED | {"origin": "https://elsewhere.example"})

            assert (allowed.status_code, answered.status_code, refused.status_code) == (200, 200, 400)
            assert allowed.headers.get_list("access-control-allow-origin") == [ORIGIN]
            assert answered.headers.get_list("access-control-allow-origin") == [ORIGIN]
