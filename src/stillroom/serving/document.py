"""A JSON body, parsed."""

import re
from typing import Any

import orjson

from stillroom.serving.errors import RefusedError

# Strings are matched first, so that only a bare NaN is replaced; the missing end quote keeps the scan linear.
NAN_OR_STRING = re.compile(rb'("(?:[^"\\]|\\.)*+"?)|\bNaN\b', re.DOTALL)


def parse(body: bytes) -> Any:
    """The JSON document; a bare NaN, which Python's json writes, is null. Raises RefusedError."""
    if not body.strip():
        raise RefusedError(400, "the body is empty; send a JSON document")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if b"NaN" in body:
            return _parse_with_nan(body)
        raise _malformed(error) from None


def _parse_with_nan(body: bytes) -> Any:
    try:
        return orjson.loads(NAN_OR_STRING.sub(lambda match: match[1] or b"null", body))
    except orjson.JSONDecodeError as error:
        raise _malformed(error) from None


def _malformed(error: orjson.JSONDecodeError) -> RefusedError:
    return RefusedError(400, f"the body is not valid JSON: {error}")
