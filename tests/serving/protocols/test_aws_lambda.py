"""The example for AWS Lambda, run by AWS's own runtime interface client and sent the events that AWS documents."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from serving import onnx_models
from serving.model_store import NAME, flip, model_store, released
from serving.protocols.lambda_events import Event, function_url, http_api_1, http_api_2, load_balancer, rest_api
from serving.protocols.rows import ROWS, expected
from serving.protocols.runtime_api import RuntimeApi, runtime

EXAMPLE = Path(__file__).parents[3] / "deploy" / "lambda"
SEED = 3
CLIENT = [sys.executable, "-m", "awslambdaric", "handler.handler"]
INTEGRATIONS = pytest.mark.parametrize("event", [rest_api, http_api_1, http_api_2, function_url, load_balancer])


def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "LAMBDA_TASK_ROOT": str(root), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task root that holds a model, taken from a model store as the image's build does."""
    root, home = tmp_path_factory.mktemp("task"), tmp_path_factory.mktemp("bentoml")
    with model_store(home) as versions:
        shutil.copytree(versions / released(SEED), root / "model")
    return root


@pytest.fixture(scope="module")
def function(root: Path) -> Iterator[RuntimeApi]:
    with runtime(CLIENT, environment(root), str(EXAMPLE)) as api:
        yield api


def predictions(answer: Event, key: str = "predictions") -> np.ndarray:
    assert answer["statusCode"] == 200, answer
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["isBase64Encoded"] is False
    return np.float32(json.loads(answer["body"])[key])


@INTEGRATIONS
def test_an_event_is_answered_with_predictions(function: RuntimeApi, event) -> None:
    answer = function.invoke(event("/predict", json.dumps({"rows": ROWS})))

    np.testing.assert_array_equal(predictions(answer), expected(onnx_models.binary(SEED)))
    assert json.loads(answer["body"])["model"].startswith(f"{NAME}:")


@INTEGRATIONS
def test_a_body_in_base64_is_the_same_body(function: RuntimeApi, event) -> None:
    body = base64.b64encode(json.dumps({"rows": ROWS}).encode()).decode()

    answer = function.invoke(event("/predict", body, encoded=True))

    np.testing.assert_array_equal(predictions(answer), expected(onnx_models.binary(SEED)))


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        (f"/v1/models/{NAME}:predict", {"instances": ROWS}, "predictions"),
        (f"/v1/models/{NAME}:predict", {"inputs": {name: [row[name] for row in ROWS] for name in ROWS[0]}}, "outputs"),
        ("/invocations", {"instances": ROWS}, "predictions"),
    ],
)
def test_every_protocol_is_there(function: RuntimeApi, path: str, body: dict, key: str) -> None:
    answer = function.invoke(http_api_2(path, json.dumps(body)))

    np.testing.assert_array_equal(predictions(answer, key), expected(onnx_models.binary(SEED)))


def test_the_open_inference_protocol_is_there(function: RuntimeApi) -> None:
    tensors = [
        {"name": name, "datatype": "FP32" if name in ("distance", "hour") else "BYTES", "shape": [len(ROWS), 1]}
        | {"data": [row.get(name) for row in ROWS]}
        for name in ROWS[0]
    ]
    answer = function.invoke(http_api_2(f"/v2/models/{NAME}/infer", json.dumps({"inputs": tensors})))

    assert answer["statusCode"] == 200, answer
    (output,) = json.loads(answer["body"])["outputs"]
    np.testing.assert_array_equal(np.float32(output["data"]), expected(onnx_models.binary(SEED)))


@INTEGRATIONS
@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/predict", '{"rows": [{"hour": "seven"}]}', 422, "column hour: expected a number or null"),
        ("/predict", None, 400, "the body is empty"),
        ("/v1/models/other:predict", "{}", 404, "the only model is"),
    ],
)
def test_a_bad_request_gets_one_sentence(
    function: RuntimeApi, event, path: str, body: str | None, status: int, words: str
) -> None:
    answer = function.invoke(event(path, body))

    assert answer["statusCode"] == status
    assert words in json.loads(answer["body"])["error"]


@INTEGRATIONS
def test_a_path_that_is_not_there_is_404(function: RuntimeApi, event) -> None:
    assert function.invoke(event("/nothing", None, method="GET"))["statusCode"] == 404


@pytest.mark.parametrize("file", ["model.onnx", "parity.json"])
def test_a_model_that_was_changed_is_not_started(root: Path, tmp_path: Path, file: str) -> None:
    shutil.copytree(root / "model", tmp_path / "model")
    flip(tmp_path / "model" / file)

    with runtime(CLIENT, environment(tmp_path), str(EXAMPLE)) as api:
        error = api.heard("error")

    assert error["errorType"] == "IntegrityError"
    assert file in error["errorMessage"]


def test_a_cold_start_imports_no_bentoml(root: Path) -> None:
    report = "import handler, sys; print([m for m in ('bentoml', 'whylogs', 'pandas') if m in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", report], env=environment(root), cwd=EXAMPLE, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_the_settings_of_onnx_runtime_hold(root: Path) -> None:
    report = "import handler; print(handler.load(handler.Path(handler.os.environ['LAMBDA_TASK_ROOT'], 'model'), "
    report += "handler.CONFIG).model._session.get_session_options().graph_optimization_level)"
    variables = environment(root) | {"STILLROOM_SERVING_GRAPH_OPTIMIZATION": "basic"}

    done = subprocess.run(
        [sys.executable, "-c", report], env=variables, cwd=EXAMPLE, capture_output=True, text=True, check=True
    )

    assert done.stdout == "GraphOptimizationLevel.ORT_ENABLE_BASIC\n"
