"""What a field takes, in words: `int | None` is a whole number or `null`."""

import datetime as dt
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from stillroom.training.settings import Target

NAMES: dict[Any, str] = {
    NoneType: "`null`",
    bool: "`true` or `false`",
    dt.date: "date",
    float: "number",
    int: "whole number",
    Path: "path",
    SecretStr: "secret text",
    str: "text",
    Target: "object",
}
LIMITS = {"gt": "above", "ge": "from", "lt": "below", "le": "up to", "min_length": "at least", "pattern": "like"}


def in_words(annotation: Any) -> str:
    """A type, as somebody says it who writes YAML."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return in_words(parts[0])
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in (list, tuple):
        return f"list of {in_words(parts[0])}"
    if origin is dict:
        return f"{in_words(parts[1])} by {in_words(parts[0])}"
    return " or ".join(dict.fromkeys(map(in_words, parts))) if parts else _name(annotation)


def _name(annotation: Any) -> str:
    of_a_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return NAMES.get(annotation, "keys" if of_a_model else str(annotation))


def allowed(field: FieldInfo) -> str:
    """The limits of a field's values."""
    found = {name: getattr(limit, name, None) for limit in field.metadata for name in LIMITS if hasattr(limit, name)}
    return ", ".join(f"{LIMITS[name]} `{value}`" for name, value in found.items() if value is not None)
