"""TensorFlow Serving's REST API, which KServe's protocol v1 is too.

POST /v1/models/NAME[/versions/N]:predict takes rows, ``{"instances": [...]}``, and answers ``{"predictions": [...]}``,
or takes columns, ``{"inputs": {column: [...]}}``, and answers ``{"outputs": [...]}``. As with TensorFlow Serving, the
body is JSON whatever its content type says, and what does not fit is a 400. Unlike there, versions are texts.
Sources: api_rest.md of TensorFlow Serving; v1-protocol of KServe.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from stillroom.serving.endpoint import Endpoint
from stillroom.serving.errors import RefusedError
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.base import HttpRequest, Protocol, Question, Reply, json_reply
from stillroom.serving.protocols.health import readiness_status
from stillroom.serving.protocols.instances import parse_object, read_inputs, read_instances
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

SIGNATURE = "serving_default"
DTYPES: dict[type[np.generic], str] = {np.float32: "DT_FLOAT", np.object_: "DT_STRING"}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class TensorFlowServing(Protocol):
    """Rows or columns; a question's note is the key of its answer."""

    label = "tensorflow_serving"

    def ask(self, request: HttpRequest, version: Version) -> Question:
        """The instances or inputs of a body, of which there must be one."""
        document = parse_object(request.body)
        signature = document.get("signature_name") or SIGNATURE
        if signature != SIGNATURE:
            raise RefusedError(400, f'"signature_name" must be "{SIGNATURE}", the only signature of the model')
        if ("instances" in document) == ("inputs" in document):
            raise RefusedError(400, 'the body must have either "instances" (rows) or "inputs" (columns)')
        if "inputs" in document:
            return Question(read_inputs(document["inputs"], version), "outputs")
        return Question(read_instances(document, version), "predictions")

    def answer(self, question: Question, predictions: np.ndarray, version: Version) -> Reply:
        """The only output, so that its name is left out: a number a row, or a probability of each class."""
        return json_reply({question.note: predictions})

    def refuse(self, refused: RefusedError) -> Reply:
        """An error; the protocol knows no 422."""
        return Reply(orjson.dumps({"error": refused.sentence}), 400 if refused.status == 422 else refused.status)


def status(versions: list[Version]) -> dict[str, Any]:
    """GetModelStatusResponse; a version that is not available is not there at all."""
    well = {"error_code": "OK", "error_message": ""}
    known = [{"version": each.number, "state": "AVAILABLE", "status": well} for each in versions]
    return {"model_version_status": known}


def metadata(version: Version) -> dict[str, Any]:
    """GetModelMetadataResponse; beside it the classes, for which TensorFlow has no place."""
    signature = version.signature
    inputs = {each.name: _tensor(each.name, DTYPES[each.dtype], [-1]) for each in signature.inputs}
    shape = [-1, len(signature.classes)] if signature.classes else [-1]
    outputs = {"prediction": _tensor("prediction", "DT_FLOAT", shape)}
    method = {"inputs": inputs, "outputs": outputs, "method_name": "tensorflow/serving/predict"}
    described: dict[str, Any] = {"signature_def": {"signature_def": {SIGNATURE: method}}}
    if signature.classes:
        described["classes"] = signature.classes
    spec = {"name": version.name, "signature_name": "", "version": version.number}
    return {"model_spec": spec, "metadata": described}


def _tensor(name: str, dtype: str, shape: list[int]) -> dict[str, Any]:
    dimensions = [{"size": str(size), "name": ""} for size in shape]
    return {"dtype": dtype, "tensor_shape": {"dim": dimensions, "unknown_rank": False}, "name": name}


class Models:
    """The routes that tell of models: TensorFlow Serving's status and metadata, KServe's list and readiness."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._name = versions.default.name

    async def list(self, request: Request) -> Response:
        """The models' names."""
        return JSONResponse({"models": [self._name]})

    async def state(self, request: Request) -> Response:
        """KServe asks the same path as TensorFlow Serving, but for other keys."""
        told = {"name": self._name, "ready": self._versions.ready} | status(self._versions.loaded)
        return JSONResponse(told, readiness_status(self._versions))

    async def version_state(self, request: Request) -> Response:
        """That of one version."""
        return self._describe(request, lambda version: status([version]))

    async def metadata(self, request: Request) -> Response:
        """That of one version, or of the default."""
        return self._describe(request, metadata)

    async def unknown(self, request: Request) -> Response:
        """What is none of these."""
        asked = f"{request.method} {request.url.path[:200]}"
        return JSONResponse({"error": f"there is no {asked}; the only model is {self._name}"}, 404)

    def _describe(self, request: Request, describe: Callable[[Version], dict[str, Any]]) -> Response:
        number = request.path_params.get("version")
        try:
            return JSONResponse(describe(self._versions.default if number is None else self._versions.pick(number)))
        except RefusedError as refused:
            return JSONResponse({"error": refused.sentence}, refused.status)


def routes(predictor: Predictor, config: ServiceConfig) -> list[BaseRoute]:
    """Predictions, and what is told of models."""
    models = Models(predictor.versions)
    model = f"/v1/models/{predictor.versions.default.name}"
    predict = Endpoint(TensorFlowServing(), predictor, config)
    return [
        Route(f"{model}:predict", predict),
        Route(f"{model}/versions/{{version}}:predict", predict),
        Route("/v1/models", models.list),
        Route(model, models.state),
        Route(f"{model}/metadata", models.metadata),
        Route(f"{model}/versions/{{version}}", models.version_state),
        Route(f"{model}/versions/{{version}}/metadata", models.metadata),
        Route("/v1/models/{rest:path}", models.unknown, methods=METHODS),
    ]
