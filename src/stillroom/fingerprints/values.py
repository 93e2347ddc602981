"""The fingerprint of values."""

import hashlib
from typing import Any

from pydantic_core import PydanticSerializationError, to_json


class UnknownError(Exception):
    """Nothing is known by which to tell one state of a thing from another."""


def digest(*parts: str | bytes) -> str:
    """One fingerprint of several parts, none of which runs into the next."""
    found = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        found.update(b"%d:" % len(content))
        found.update(content)
    return found.hexdigest()


def value_fingerprint(value: Any) -> str:
    """Of plain data, dates, paths, dataclasses and pydantic models. Raises UnknownError for any other object."""
    try:
        return digest(to_json(value, by_alias=True, inf_nan_mode="strings"))
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise UnknownError(f"a {type(value).__name__} has no fingerprint: {error}") from error
