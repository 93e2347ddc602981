import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from onnx import TensorProto, helper
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse

from serving import onnx_models
from stillroom.serving.app import App, routes
from stillroom.serving.endpoint import FAILED
from stillroom.serving.model import Model, as_columns
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Track, Version
from stillroom.serving.versions import Versions
from stillroom.table.signature import METADATA_KEY, Signature
from table.tables import inputs

CONFIG = ServiceConfig(max_body_bytes=200, max_rows=5, batching="off")
ROWS = [{"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"}, {"hour": 9}]


def ask(onnx: bytes, method: str = "POST", track: Track | None = None, **request: Any) -> httpx.Response:
    app = App(PlainTextResponse("behind"))
    predictor = Predictor(Versions(Version.of("stillroom_t:v1", Model(onnx), CONFIG, track)), CONFIG)
    app.open(routes(predictor, CONFIG), predictor.metrics)
    answer = asked(app, method, **request)
    predictor.metrics.flush()
    return answer


def asked(app: App, method: str, **request: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
            return await client.request(method, request.pop("path", "/predict"), **request)

    return asyncio.run(send())


def expected(onnx: bytes) -> np.ndarray:
    model = Model(onnx)
    names = model.signature.columns
    return model.predict(as_columns(model.signature, {n: np.array([r.get(n) for r in ROWS], object) for n in names}))


def test_a_binary_model_answers_probabilities() -> None:
    answer = ask(onnx_models.binary(), json={"rows": ROWS})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"predictions", "model"}
    assert answer.json()["model"] == "stillroom_t:v1"
    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(onnx_models.binary()))


def test_a_multiclass_model_answers_a_probability_for_each_class() -> None:
    answer = ask(onnx_models.multiclass(), json={"rows": ROWS}).json()

    assert answer["classes"] == ["early", "punctual", "late"]
    np.testing.assert_array_equal(np.float32(answer["predictions"]), expected(onnx_models.multiclass()))


def test_a_regression_model_answers_values() -> None:
    rows = [{"distance": 2.5, "hour": 7}, {"hour": 9}]

    answer = ask(onnx_models.regression(), json={"rows": rows}).json()

    np.testing.assert_array_equal(np.float32(answer["predictions"]), expected(onnx_models.regression()))


def test_what_was_answered_is_handed_over_and_what_was_refused_is_not() -> None:
    handed = []

    for rows in (ROWS, [{"hour": "x"}]):
        ask(onnx_models.binary(), track=lambda *answered: handed.append(answered), json={"rows": rows})

    ((columns, predictions),) = handed
    assert columns["carrier"].tolist() == [["UA"], [""]]
    np.testing.assert_array_equal(predictions, expected(onnx_models.binary()))


async def chunked(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        ({"content": b""}, 400, "the body is empty"),
        ({"content": b"{"}, 400, "not valid JSON"),
        ({"json": {"rows": [{"gate": 1}]}}, 422, 'the unknown column "gate"'),
        ({"json": {"rows": [{}] * 6}}, 413, "6 rows are more than the 5"),
        ({"content": b"x" * 201}, 413, "longer than the 200 bytes"),
        ({"content": chunked(b"x" * 150, b"x" * 50, b"x")}, 413, "longer than the 200 bytes"),
        ({"data": {"rows": "1"}}, 415, "cannot read a body of application/x-www-form-urlencoded; the choices are"),
    ],
)
def test_a_bad_request_gets_one_sentence(request_: dict, status: int, words: str) -> None:
    answer = ask(onnx_models.binary(), **request_)

    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert words in answer.json()["error"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_any_spelling_is_read_in_chunks_too(content_type: str) -> None:
    body = chunked(b'{"rows": [', b"{}", b"]}")

    answer = ask(onnx_models.binary(), content=body, headers={"content-type": content_type})

    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused_in_json(method: str) -> None:
    answer = ask(onnx_models.binary(), method)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json() == {"error": "Method Not Allowed; predictions are asked for by POST"}


def test_a_failing_model_is_logged_and_told_of_without_a_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    labels = {"protocol": "native", "model_version": "v1", "status": "500"}
    before = REGISTRY.get_sample_value("stillroom_requests_total", labels) or 0
    with caplog.at_level(logging.ERROR, "stillroom"):
        answer = ask(indexing_model(), json={"rows": [{"hour": 5}]})

    assert answer.status_code == 500
    assert REGISTRY.get_sample_value("stillroom_requests_total", labels) == before + 1
    assert answer.json() == {"error": FAILED}
    assert "out of data bounds" in caplog.text


def indexing_model() -> bytes:
    """A model that looks `hour` up in a table of two values."""
    nodes = [
        helper.make_node("Cast", ["hour"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["values", "index"], ["prediction"]),
    ]
    hour = helper.make_tensor_value_info("hour", TensorProto.FLOAT, ["batch", 1])
    prediction = helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["batch", 1])
    values = helper.make_tensor("values", TensorProto.FLOAT, [2], [0.1, 0.2])
    graph = helper.make_graph(nodes, "indexing", [hour], [prediction], [values])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    entry = model.metadata_props.add()
    entry.key = METADATA_KEY
    entry.value = Signature(table="t", task="regression", target="y", inputs=inputs(["hour"])).model_dump_json()
    return model.SerializeToString()
