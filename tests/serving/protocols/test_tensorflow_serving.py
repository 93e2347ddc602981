"""TensorFlow Serving's REST API and KServe's protocol v1, as their specifications have them, asked over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from serving import onnx_models
from serving.loopback import NAME, app_of, loopback
from serving.protocols.rows import COLUMNS, LEVELS, LISTS, NUMBERS, PICTURES, ROWS, brightness, doubling, expected
from stillroom.serving.settings import ServiceConfig

CONFIG = ServiceConfig(max_rows=5, max_body_bytes=2000)
PREDICT = f"/v1/models/{NAME}:predict"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Version v1 is binary, version v2 multiclass."""
    with loopback(app_of(onnx_models.binary(), onnx_models.multiclass(), config=CONFIG)) as address:
        yield f"http://{address}"


def post(url: str, path: str = PREDICT, **body: Any) -> httpx.Response:
    return httpx.post(f"{url}{path}", json=body)


def numbers(answer: httpx.Response, key: str = "predictions") -> np.ndarray:
    """The predictions of an answer that holds nothing else."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {key}
    return np.float32(answer.json()[key])


@pytest.mark.parametrize(
    "instances",
    [ROWS, LISTS, [{name: [value] for name, value in row.items()} for row in ROWS]],
    ids=["objects", "lists", "tensors of one value"],
)
def test_rows_are_answered_in_their_order(url: str, instances: list) -> None:
    np.testing.assert_array_equal(numbers(post(url, instances=instances)), expected(onnx_models.binary()))


@pytest.mark.parametrize("inputs", [COLUMNS, {name: [[value] for value in values] for name, values in COLUMNS.items()}])
def test_columns_are_answered_as_outputs(url: str, inputs: dict) -> None:
    np.testing.assert_array_equal(numbers(post(url, inputs=inputs), "outputs"), expected(onnx_models.binary()))


@pytest.mark.parametrize(("key", "answered"), [("instances", "predictions"), ("inputs", "outputs")])
@pytest.mark.parametrize("given", [NUMBERS, [[number] for number in NUMBERS], [{"x": number} for number in NUMBERS]])
def test_a_model_of_one_column_needs_no_name(key: str, answered: str, given: list) -> None:
    if key == "inputs" and isinstance(given[0], dict):
        given = {"x": NUMBERS}
    with loopback(app_of(doubling())) as address:
        answer = post(f"http://{address}", **{key: given})

    assert numbers(answer, answered).tolist() == [1.0, -4.0, 8.5]


@pytest.mark.parametrize("wrap", [lambda text: {"b64": text}, lambda text: {"picture": {"b64": text}}])
def test_binary_values_come_as_b64(wrap: Any) -> None:
    with loopback(app_of(brightness())) as address:
        answer = post(f"http://{address}", instances=[wrap(text) for text in PICTURES])

    assert numbers(answer).tolist() == LEVELS


def test_the_content_type_does_not_matter(url: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}  # what curl -d sends, also in the specification

    answer = httpx.post(f"{url}{PREDICT}", content=b'{"instances": [{"hour": NaN}]}', headers=form)

    assert numbers(answer).shape == (1,)


def test_the_default_signature_may_be_named(url: str) -> None:
    answer = post(url, signature_name="serving_default", instances=ROWS)

    np.testing.assert_array_equal(numbers(answer), expected(onnx_models.binary()))


def test_a_version_is_pinned_by_its_path(url: str) -> None:
    pinned = numbers(post(url, f"/v1/models/{NAME}/versions/v2:predict", instances=ROWS))

    assert pinned.shape == (3, 3)
    np.testing.assert_array_equal(pinned, expected(onnx_models.multiclass()))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"/v1/models/{NAME}/versions/v9:predict", "version v9 is not loaded"),
        ("/v1/models/half:predict", "there is no POST /v1/models/half:predict"),
        (f"/v1/models/{NAME}:explain", f"there is no POST /v1/models/{NAME}:explain"),
    ],
)
def test_what_is_not_served_is_404(url: str, path: str, words: str) -> None:
    assert_error(post(url, path, instances=ROWS), 404, words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, 'either "instances" (rows) or "inputs" (columns)'),
        ({"instances": ROWS, "inputs": COLUMNS}, 'either "instances" (rows) or "inputs" (columns)'),
        ({"instances": []}, '"instances" must be a list of at least one object'),
        ({"instances": {"hour": 7}}, '"instances" must be a list of at least one object'),
        ({"instances": [{"gate": 1}]}, 'the unknown column "gate"'),
        ({"instances": [{"hour": "seven"}]}, "column hour: expected a number or null"),
        ({"instances": [{"hour": [7, 8]}]}, "column hour: expected a number or null"),
        (
            {"instances": [[1.0, 2.0]]},
            "instances[0] has 2 values; the model takes 4, one for each column: distance, hour",
        ),
        ({"instances": [7]}, "instances[0] has 1 values; the model takes 4"),
        ({"inputs": [1, 2]}, '"inputs" must be an object of at least one list of values'),
        ({"inputs": {"hour": 7}}, 'the column "hour" must be a list of values'),
        ({"inputs": {"hour": [7], "distance": [1, 2]}}, "the columns are of different lengths"),
        ({"signature_name": "regress", "instances": ROWS}, '"signature_name" must be "serving_default"'),
    ],
)
def test_what_does_not_fit_is_400(url: str, body: dict, words: str) -> None:
    assert_error(post(url, **body), 400, words)


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "the body is empty"),
        (b"[1, 2]", 400, "the body must be one JSON object"),
        (b'{"instances": [1', 400, "not valid JSON"),
        (b'{"instances": [{}, {}, {}, {}, {}, {}]}', 413, "6 rows are more than the 5"),
        (b" " * 2001, 413, "longer than the 2000 bytes"),
    ],
)
def test_what_cannot_be_read_is_refused(url: str, content: bytes, status: int, words: str) -> None:
    assert_error(httpx.post(f"{url}{PREDICT}", content=content), status, words)


def assert_error(answer: httpx.Response, status: int, words: str) -> None:
    """The error shape of the specification: the message under `error`, and nothing else."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"error"}
    assert words in answer.json()["error"]


def test_the_status_of_a_model_is_that_of_its_versions_and_kserves_readiness(url: str) -> None:
    well = {"error_code": "OK", "error_message": ""}
    states = [{"version": number, "state": "AVAILABLE", "status": well} for number in ("v1", "v2")]

    assert httpx.get(f"{url}/v1/models/{NAME}").json() == {
        "name": NAME,
        "ready": True,
        "model_version_status": states,
    }
    assert httpx.get(f"{url}/v1/models/{NAME}/versions/v2").json() == {"model_version_status": states[1:]}


def test_metadata_describes_the_tensors(url: str) -> None:
    answer = httpx.get(f"{url}/v1/models/{NAME}/metadata").json()

    assert answer["model_spec"] == {"name": NAME, "signature_name": "", "version": "v1"}
    method = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert method["method_name"] == "tensorflow/serving/predict"
    assert {name: each["dtype"] for name, each in method["inputs"].items()} == {
        "distance": "DT_FLOAT",
        "hour": "DT_FLOAT",
        "carrier": "DT_STRING",
        "origin": "DT_STRING",
    }
    batch = {"size": "-1", "name": ""}
    assert method["outputs"] == {
        "prediction": {
            "dtype": "DT_FLOAT",
            "tensor_shape": {"dim": [batch], "unknown_rank": False},
            "name": "prediction",
        }
    }


def test_metadata_of_a_multiclass_version_tells_its_classes(url: str) -> None:
    metadata = httpx.get(f"{url}/v1/models/{NAME}/versions/v2/metadata").json()["metadata"]

    assert metadata["classes"] == ["early", "punctual", "late"]
    output = metadata["signature_def"]["signature_def"]["serving_default"]["outputs"]["prediction"]
    assert [each["size"] for each in output["tensor_shape"]["dim"]] == ["-1", "3"]


def test_models_are_listed_as_kserve_does(url: str) -> None:
    assert httpx.get(f"{url}/v1/models").json() == {"models": [NAME]}


@pytest.mark.parametrize(
    "path", ["other", "other/metadata", f"{NAME}/versions/v9", f"{NAME}/versions/v9/metadata", f"{NAME}/labels/stable"]
)
def test_a_model_or_version_that_is_not_there_is_404(url: str, path: str) -> None:
    answer = httpx.get(f"{url}/v1/models/{path}")

    assert answer.status_code == 404
    assert answer.json().keys() == {"error"}
