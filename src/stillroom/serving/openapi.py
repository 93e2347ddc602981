"""The OpenAPI description of the prediction routes, with the model's own columns."""

from typing import Any

from stillroom.serving.formats.csv import Csv
from stillroom.serving.formats.tables import ArrowFile, ArrowStream, Parquet
from stillroom.table.signature import Signature

ERRORS = {
    400: "The body is empty, or not of the format that its content type names.",
    406: "The header Accept names no known format; the sentence lists them.",
    408: "The body did not come in time.",
    413: "The body or the number of its rows is too large.",
    415: "The body's content type is no known format; the sentence lists them.",
    422: "A row does not fit the model's columns; the sentence names row and column.",
    500: "The service failed; its log says why.",
    503: "Too many requests are waiting, or the turn of this one came too late; Retry-After says when to try again.",
}

# Bodies of tables: their columns are those of the rows in JSON.
TABLES = [each.media_type for each in (Csv, ArrowStream, ArrowFile, Parquet)]


def request_schema(signature: Signature, max_rows: int) -> dict[str, Any]:
    """JSON schema of the body: rows or columns of the model's, every one of which may be missing."""
    properties = {each.name: each.json_schema() for each in signature.inputs}
    row = {"type": "object", "properties": properties, "additionalProperties": False}
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": max_rows}
    lists = {name: {"type": "array", "items": each, "maxItems": max_rows} for name, each in properties.items()}
    columns = {"type": "object", "properties": lists, "additionalProperties": False, "minProperties": 1}
    return {"oneOf": [_closed_object({"rows": rows}), _closed_object({"columns": columns})]}


def response_schema(signature: Signature) -> dict[str, Any]:
    """JSON schema of the answer: a probability, a value, or a probability for each class, by row."""
    number = {"type": "number"}
    properties = {"predictions": {"type": "array", "items": number}, "model": {"type": "string"}}
    if signature.classes:
        one_each = {"type": "array", "items": number}
        properties["predictions"] = {"type": "array", "items": one_each}
        properties["classes"] = {"type": "array", "items": {"type": "string", "enum": signature.classes}}
    return _closed_object(properties)


def operation(signature: Signature, tag: str, max_rows: int, name: str) -> dict[str, Any]:
    """The OpenAPI 3.0 operation ``name``: rows in, predictions out, as the model ``tag`` of this signature has them."""
    error = _closed_object({"error": {"type": "string"}})
    answer = {
        "description": f"One prediction of {signature.target} a row, in the format that Accept names, else the body's. "
        "Tables have the column `prediction`, or `probability_<class>` for each class.",
        "headers": {"x-model-version": {"description": "The version that answered.", "schema": {"type": "string"}}},
        **_content(response_schema(signature)),
    }
    refusals = {status: {"description": why, **_json(error)} for status, why in ERRORS.items()}
    return {
        "tags": ["Service APIs"],
        "operationId": name,
        "description": f"Predict {signature.target} of {signature.table} ({signature.task}). Missing keys and null "
        f"are missing values; unseen categories are ordinary input. This describes {tag}, the default version; what "
        "another one takes is told by /v2/models/<name>/versions/<version>.",
        "requestBody": {"required": True, **_content(request_schema(signature, max_rows))},
        "responses": {200: answer} | refusals,
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    """JSON by its schema, and tables by their media types."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {"content": _json(schema)["content"] | dict.fromkeys(TABLES, binary)}


def _closed_object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
