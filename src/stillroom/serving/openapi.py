"""The OpenAPI description of the prediction routes, with the model's own columns."""

from typing import Any

from stillroom.table.signature import Signature

ERRORS = {
    400: "The body is empty or no JSON.",
    413: "The body or the number of its rows is too large.",
    415: "The body is no JSON by its content type.",
    422: "A row does not fit the model's columns; the sentence names row and column.",
    500: "The service failed; its log says why.",
}


def request_schema(signature: Signature, max_rows: int) -> dict[str, Any]:
    """JSON schema of the body: rows of the model's columns, every one of which may be missing."""
    properties = {each.name: each.json_schema() for each in signature.inputs}
    row = {"type": "object", "properties": properties, "additionalProperties": False}
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": max_rows}
    return _closed_object({"rows": rows})


def response_schema(signature: Signature) -> dict[str, Any]:
    """JSON schema of the answer: a probability, a value, or a probability for each class, by row."""
    number = {"type": "number"}
    properties = {"predictions": {"type": "array", "items": number}, "model": {"type": "string"}}
    if signature.classes:
        one_each = {"type": "array", "items": number}
        properties["predictions"] = {"type": "array", "items": one_each}
        properties["classes"] = {"type": "array", "items": {"type": "string", "enum": signature.classes}}
    return _closed_object(properties)


def operation(signature: Signature, max_rows: int, name: str) -> dict[str, Any]:
    """The OpenAPI 3.0 operation ``name``: rows in, predictions out."""
    error = _closed_object({"error": {"type": "string"}})
    answer = {"description": f"One prediction of {signature.target} a row.", **_json(response_schema(signature))}
    refusals = {status: {"description": why, **_json(error)} for status, why in ERRORS.items()}
    return {
        "tags": ["Service APIs"],
        "operationId": name,
        "description": f"Predict {signature.target} of {signature.table} ({signature.task}). Missing keys and null "
        "are missing values; unseen categories are ordinary input.",
        "requestBody": {"required": True, **_json(request_schema(signature, max_rows))},
        "responses": {200: answer} | refusals,
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _closed_object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
