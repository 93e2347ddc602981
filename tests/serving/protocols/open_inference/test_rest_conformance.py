"""The protocol over REST against its specification: required fields, datatypes, error shapes.

Sources: specification/protocol/inference_rest.md and open_inference_rest.yaml of kserve/open-inference-protocol;
extension_binary_data.md of triton-inference-server/server.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from serving import onnx_models
from serving.loopback import NAME, app_of, loopback
from serving.protocols.open_inference.tables import expected
from stillroom.serving.settings import ServiceConfig

ONNX = onnx_models.binary()
INFER = f"/v2/models/{NAME}/infer"
HOUR = {"name": "hour", "shape": [2], "datatype": "FP32", "data": [7.5, 9]}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    config = ServiceConfig(max_rows=5, max_body_bytes=5_000)
    with (
        loopback(app_of(ONNX, config=config)) as address,
        httpx.Client(base_url=f"http://{address}", timeout=60) as client,
    ):
        yield client


def infer(client: httpx.Client, **document: Any) -> httpx.Response:
    return client.post(INFER, json=document)


def test_server_metadata_has_its_required_fields(client: httpx.Client) -> None:
    for path in ("/v2", "/v2/"):
        document = client.get(path).json()
        assert document.keys() == {"name", "version", "extensions"}
        assert isinstance(document["extensions"], list)


def test_model_metadata_has_its_required_fields(client: httpx.Client) -> None:
    for path in (f"/v2/models/{NAME}", f"/v2/models/{NAME}/versions/v1"):
        document = client.get(path).json()
        assert document.keys() == {"name", "versions", "platform", "inputs", "outputs"}
        assert document["platform"] == "onnx_onnxv1"
        assert document["versions"] == ["v1"]
        for tensor in document["inputs"] + document["outputs"]:
            assert tensor.keys() == {"name", "datatype", "shape"}
            assert tensor["shape"][0] == -1


@pytest.mark.parametrize(
    ("path", "required"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"live": True, "ready": True}),
        (f"/v2/models/{NAME}/ready", {"name": NAME, "ready": True}),
        (f"/v2/models/{NAME}/versions/v1/ready", {"name": NAME, "ready": True}),
    ],
)
def test_health_is_200_with_its_required_fields(client: httpx.Client, path: str, required: dict) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.json() == required


def test_an_answer_has_its_required_fields(client: httpx.Client) -> None:
    answer = infer(client, id="42", inputs=[HOUR], outputs=[{"name": "prediction"}])

    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document.keys() == {"model_name", "model_version", "id", "outputs"}
    assert (document["model_name"], document["model_version"], document["id"]) == (NAME, "v1", "42")
    (output,) = document["outputs"]
    assert output.keys() == {"name", "shape", "datatype", "data"}
    assert (output["name"], output["shape"], output["datatype"]) == ("prediction", [2], "FP32")
    np.testing.assert_array_equal(np.float32(output["data"]), expected(ONNX, {"hour": np.array([7.5, 9])}))


def test_without_an_id_the_answer_has_none(client: httpx.Client) -> None:
    assert "id" not in infer(client, inputs=[HOUR]).json()


def test_data_is_flat_or_nested_as_the_shape_and_null_and_nan_are_missing(client: httpx.Client) -> None:
    spellings = [
        (b"[2]", b"[7.5, null]"),
        (b"[2]", b"[7.5, NaN]"),
        (b"[2, 1]", b"[7.5, null]"),
        (b"[2, 1]", b"[[7.5], [null]]"),
    ]
    answers = []
    for shape, data in spellings:
        tensor = b'{"name": "hour", "datatype": "FP64", "shape": %s, "data": %s}' % (shape, data)
        answers.append(client.post(INFER, content=b'{"inputs": [%s]}' % tensor).json()["outputs"][0]["data"])

    predictions = expected(ONNX, {"hour": np.array([7.5, np.nan])})
    for answer in answers:
        np.testing.assert_array_equal(np.float32(answer), predictions)


def binary(client: httpx.Client, tensors: list[dict], raw: bytes, length: int | str | None = None) -> httpx.Response:
    document = json.dumps({"inputs": tensors}).encode()
    headers = {"Inference-Header-Content-Length": str(len(document) if length is None else length)}
    return client.post(INFER, content=document + raw, headers=headers)


def raw_tensor(name: str, datatype: str, rows: int, size: Any) -> dict:
    return {"name": name, "datatype": datatype, "shape": [rows], "parameters": {"binary_data_size": size}}


def test_binary_tensors_and_json_ones_may_be_mixed(client: httpx.Client) -> None:
    carriers = struct.pack("<I2sI2s", 2, b"UA", 2, b"DL")
    inputs = [raw_tensor("carrier", "BYTES", 2, len(carriers)), HOUR, raw_tensor("distance", "FP64", 2, 16)]

    answer = binary(client, inputs, carriers + np.array([1.5, np.nan]).tobytes())

    columns = {"carrier": np.array(["UA", "DL"]), "hour": np.array([7.5, 9]), "distance": np.array([1.5, np.nan])}
    np.testing.assert_array_equal(np.float32(answer.json()["outputs"][0]["data"]), expected(ONNX, columns))


def test_outputs_are_binary_where_the_request_or_the_output_says_so(client: httpx.Client) -> None:
    for asked in (
        {"parameters": {"binary_data_output": True}},
        {"outputs": [{"name": "prediction", "parameters": {"binary_data": True}}]},
    ):
        answer = infer(client, inputs=[HOUR], **asked)
        length = int(answer.headers["inference-header-content-length"])
        document = json.loads(answer.content[:length])
        assert answer.headers["content-type"] == "application/octet-stream"
        assert document["outputs"][0]["parameters"] == {"binary_data_size": 8}
        predictions = expected(ONNX, {"hour": np.array([7.5, 9])})
        np.testing.assert_array_equal(np.frombuffer(answer.content[length:], "<f4"), predictions)


def is_error(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert words in answer.json()["error"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "must be one JSON object"),
        ({}, '"inputs" must be a list'),
        ({"inputs": []}, "hold no row"),
        ({"inputs": [3]}, '"name" must be text'),
        ({"inputs": [HOUR], "id": 3}, '"id" must be text'),
        ({"inputs": [HOUR], "parameters": []}, '"parameters" must be an object'),
        ({"inputs": [HOUR], "outputs": [{}]}, '"name" must be text'),
        ({"inputs": [HOUR], "outputs": [{"name": "score"}]}, "no output score; its outputs are: prediction"),
        ({"inputs": [HOUR, HOUR]}, "input hour: it is there twice"),
        ({"inputs": [{**HOUR, "name": "gate"}]}, 'unknown column "gate"'),
        ({"inputs": [{**HOUR, "datatype": "FP8"}]}, "the datatype FP8 is not one of"),
        ({"inputs": [{**HOUR, "datatype": "INT32"}]}, "data[0] is no INT32, but the number 7.5"),
        ({"inputs": [{**HOUR, "datatype": "BYTES"}]}, "data[0] is no BYTES"),
        ({"inputs": [{**HOUR, "datatype": "BOOL", "data": [True, False]}]}, "expected a number or null"),
        ({"inputs": [{**HOUR, "shape": [3]}]}, "the shape says 3 elements, the contents hold 2"),
        ({"inputs": [{**HOUR, "shape": [1, 2]}]}, "the shape must be [rows] or [rows, 1], found [1, 2]"),
        ({"inputs": [{**HOUR, "shape": [-1]}]}, "the shape must be"),
        ({"inputs": [{**HOUR, "shape": ["2"]}]}, '"shape" must be a list of integers'),
        ({"inputs": [{**HOUR, "shape": [0], "data": []}]}, "hold no row"),
        ({"inputs": [{**HOUR, "data": None}]}, '"data" must be a list, found null'),
        ({"inputs": [{**HOUR, "data": [[1, 2], [3, 4]]}]}, "data[0] is no FP32, but a non-empty list"),
        ({"inputs": [{**HOUR, "data": [1e39, 0]}]}, "beyond the largest 32-bit float"),
        ({"inputs": [HOUR, {**HOUR, "name": "distance", "shape": [1], "data": [1]}]}, "of different lengths"),
    ],
)
def test_a_request_that_does_not_fit_is_a_400_with_an_error(client: httpx.Client, document: Any, words: str) -> None:
    is_error(client.post(INFER, json=document), 400, words)


@pytest.mark.parametrize(
    ("tensor", "raw", "words"),
    [
        (raw_tensor("hour", "FP32", 2, 8), b"1234567", "binary_data_size must be a number of bytes that are left, 7"),
        (raw_tensor("hour", "FP32", 2, -1), b"", "binary_data_size must be"),
        (raw_tensor("hour", "FP32", 2, "8"), b"12345678", "binary_data_size must be"),
        (raw_tensor("hour", "FP32", 3, 8), b"12345678", "3 elements of FP32 are 12 bytes, found 8"),
        (raw_tensor("hour", "FP32", 2, 8), b"12345678more", "4 bytes behind the last binary tensor"),
        (raw_tensor("carrier", "BYTES", 1, 3), b"\x01\x00\x00", "the BYTES end within element 0"),
        (raw_tensor("carrier", "BYTES", 1, 5), b"\xff\xff\xff\xffA", "the BYTES end within element 0"),
        (raw_tensor("carrier", "BYTES", 2, 5), b"\x01\x00\x00\x00A", "the shape says 2 elements, the contents hold 1"),
        (raw_tensor("carrier", "BYTES", 1, 5), b"\x01\x00\x00\x00\xff", "element 0 of BYTES is not UTF-8"),
    ],
)
def test_raw_tensors_that_do_not_fit_are_a_400(client: httpx.Client, tensor: dict, raw: bytes, words: str) -> None:
    is_error(binary(client, [tensor], raw), 400, words)


@pytest.mark.parametrize("length", ["x", "-1", "9" * 5000, 100_000])
def test_a_wrong_length_of_the_json_is_a_400(client: httpx.Client, length: int | str) -> None:
    is_error(binary(client, [HOUR], b"", length), 400, "Inference-Header-Content-Length must be")


def test_what_is_not_there_is_a_404_with_an_error(client: httpx.Client) -> None:
    for path in ("/v2/models/other", f"/v2/models/{NAME}/versions/v9", f"/v2/models/{NAME}/versions/v9/ready"):
        is_error(client.get(path), 404, "v9 is not loaded" if "v9" in path else "other is not served here")
    is_error(client.post("/v2/models/other/infer", json={"inputs": [HOUR]}), 404, "other is not served here")
    is_error(client.post(f"/v2/models/{NAME}/versions/v9/infer", json={}), 404, "version v9 is not loaded")


def test_malformed_json_is_a_400_and_what_is_too_large_a_413(client: httpx.Client) -> None:
    is_error(client.post(INFER, content=b"{"), 400, "not valid JSON")
    is_error(client.post(INFER, content=b" " * 6_000), 413, "longer than the 5000 bytes")
    is_error(infer(client, inputs=[{**HOUR, "shape": [6], "data": [1.0] * 6}]), 413, "6 rows are more than the 5")
