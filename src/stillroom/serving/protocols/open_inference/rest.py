"""Open Inference Protocol v2 over REST, with the binary tensor extension.

Sources: inference_rest.md of the protocol; extension_binary_data.md of Triton.
"""

from typing import Any, TypedDict

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from stillroom.serving.document import parse
from stillroom.serving.endpoint import Endpoint
from stillroom.serving.errors import RefusedError
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.base import JSON, HttpRequest, Protocol, Question, Reply
from stillroom.serving.protocols.health import readiness_status
from stillroom.serving.protocols.open_inference import model
from stillroom.serving.protocols.open_inference.tensors import Column, Declared, from_json, from_raw, to_raw, unreadable
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions
from stillroom.table.inputs import found

JSON_LENGTH = b"inference-header-content-length"
BINARY = b"application/octet-stream"
EXPECTED: dict[type, str] = {str: "text", list: "a list", dict: "an object"}


class Wanted(TypedDict):
    """What the answer needs to know of the request: its id, and the outputs asked for, in binary or not."""

    id: str | None
    outputs: dict[str, bool]
    binary: bool  # where no outputs are named


class OpenInference(Protocol):
    """Tensors in, tensors out; whatever does not fit is a 400."""

    label = "open_inference"

    def ask(self, request: HttpRequest, version: Version) -> Question:
        """The columns of a JSON body, or of JSON and the raw tensors behind it."""
        model.check_name(request.path["name"], version)
        document, raw = _split(request)
        wanted = _wanted(document)
        model.check_outputs(list(wanted["outputs"]), version.signature)
        return Question(version.reader.columns(_columns(_field(document, "inputs", list), raw)), wanted)

    def answer(self, question: Question, predictions: np.ndarray, version: Version) -> Reply:
        """The outputs asked for."""
        wanted: Wanted = question.note
        document: dict[str, Any] = {"model_name": version.name, "model_version": version.number, "outputs": []}
        if wanted["id"] is not None:
            document["id"] = wanted["id"]
        raw = b""
        for each in model.outputs(list(wanted["outputs"]), predictions, version.signature):
            tensor: dict[str, Any] = {"name": each.name, "datatype": each.datatype, "shape": each.shape}
            if wanted["outputs"].get(each.name, wanted["binary"]):
                contents = to_raw(each.values)
                tensor["parameters"] = {"binary_data_size": len(contents)}
                raw += contents
            else:
                tensor["data"] = each.values if each.values.dtype != object else each.values.tolist()
            document["outputs"].append(tensor)
        written = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
        if not raw:
            return Reply(written)
        return Reply(written + raw, media_type=BINARY, headers=[(JSON_LENGTH, str(len(written)).encode())])

    def refuse(self, refused: RefusedError) -> Reply:
        """An error; the protocol says 400 where a value does not fit."""
        status = 400 if refused.status == 422 else refused.status
        return Reply(orjson.dumps({"error": refused.sentence}), status, JSON)


def _split(request: HttpRequest) -> tuple[dict[str, Any], bytes]:
    """The JSON object and the raw bytes behind it."""
    length = request.headers.get(JSON_LENGTH, str(len(request.body)).encode())
    # Python reads no number of thousands of digits.
    if not length.isdigit() or len(length) > 20 or int(length) > len(request.body):
        raise RefusedError(400, "Inference-Header-Content-Length must be the length of the JSON within the body")
    document = parse(request.body[: int(length)])
    if not isinstance(document, dict):
        raise RefusedError(400, f'the body must be one JSON object with "inputs", found {found(document)}')
    return document, request.body[int(length) :]


def _columns(inputs: list[Any], raw: bytes) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    at = 0
    for each in inputs:
        name = _field(each, "name", str)
        if name in columns:
            raise unreadable(name, "it is there twice")
        tensor = Declared.of(name, _field(each, "datatype", str), _shape(each))
        size = _parameters(each).get("binary_data_size")
        if size is None:
            columns[name] = from_json(tensor, each.get("data"))
        elif type(size) is not int or not 0 <= size <= len(raw) - at:
            raise unreadable(name, f"binary_data_size must be a number of bytes that are left, {len(raw) - at}")
        else:
            columns[name] = from_raw(tensor, raw[at : at + size])
            at += size
    if at != len(raw):
        raise RefusedError(400, f"{len(raw) - at} bytes behind the last binary tensor belong to no input")
    return columns


def _wanted(document: dict[str, Any]) -> Wanted:
    binary = bool(_parameters(document).get("binary_data_output", False))
    asked = _field(document, "outputs", list) if document.get("outputs") is not None else []
    outputs = {_field(each, "name", str): bool(_parameters(each).get("binary_data", binary)) for each in asked}
    named = _field(document, "id", str) if document.get("id") is not None else None
    return {"id": named, "outputs": outputs, "binary": binary}


def _shape(tensor: dict[str, Any]) -> list[int]:
    shape = _field(tensor, "shape", list)
    if not all(type(each) is int for each in shape):
        raise RefusedError(400, '"shape" must be a list of integers')
    return shape


def _parameters(holder: dict[str, Any]) -> dict[str, Any]:
    return _field(holder, "parameters", dict) if holder.get("parameters") is not None else {}


def _field(holder: Any, key: str, kind: type) -> Any:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, kind):
        expected = EXPECTED[kind]
        raise RefusedError(400, f'"{key}" must be {expected}, found {found(value)}')
    return value


def routes(predictor: Predictor, config: ServiceConfig) -> list[BaseRoute]:
    """Inference, metadata and health."""
    infer = Endpoint(OpenInference(), predictor, config)
    one = ["/v2/models/{name}", "/v2/models/{name}/versions/{version}"]
    return [
        *(Route(f"{path}/infer", infer) for path in one),
        *_health_routes(predictor.versions),
        *(route for path in one for route in _model_routes(path, predictor)),
    ]


def _health_routes(versions: Versions) -> list[BaseRoute]:
    async def server(request: Request) -> Response:
        return JSONResponse(model.SERVER)

    async def live(request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(request: Request) -> Response:
        # The specification calls this field `live` too, KServe's own server `ready`.
        return JSONResponse({"live": True, "ready": versions.ready}, readiness_status(versions))

    answers = {"/v2": server, "/v2/": server, "/v2/health/live": live, "/v2/health/ready": ready}
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in answers.items()]


def _model_routes(path: str, predictor: Predictor) -> list[BaseRoute]:
    versions = predictor.versions

    def found_or_error(request: Request, describe: Any, status: int = 200) -> Response:
        named = request.path_params
        try:
            version = model.find(versions, named["name"], named.get("version"))
        except RefusedError as refused:
            return JSONResponse({"error": refused.sentence}, refused.status)
        return JSONResponse(describe(version), status)

    async def metadata(request: Request) -> Response:
        return found_or_error(request, lambda version: model.metadata(version, versions))

    async def ready(request: Request) -> Response:
        described = {"ready": versions.ready}
        return found_or_error(request, lambda each: {"name": each.name} | described, readiness_status(versions))

    return [Route(path, metadata, methods=["GET"]), Route(f"{path}/ready", ready, methods=["GET"])]
