"""A JSON body of rows, decoded into the model's columns."""

import re
from typing import Any

import numpy as np
import orjson

from stillroom.serving.errors import RefusedError
from stillroom.serving.model import category_text
from stillroom.table.signature import Signature

Row = dict[str, Any]
NoneType = type(None)
NUMBERS = {float, int, NoneType}
TEXTS = {str, int, bool, NoneType}
LARGEST = float(np.finfo(np.float32).max)
EXPECTED = {"numeric": "a number or null", "categorical": "text, an integer, a boolean or null"}

# Strings are matched first, so that only a bare NaN is replaced; the missing end quote keeps the scan linear.
NAN_OR_STRING = re.compile(rb'("(?:[^"\\]|\\.)*+"?)|\bNaN\b', re.DOTALL)


class Decoder:
    """Decodes ``{"rows": [{column: value, ...}, ...]}`` for one model.

    A missing key, null and a bare NaN (which Python's json writes) are missing values; infinities are refused.
    Numeric columns take numbers, but neither booleans nor text; categorical columns take text, and integers and
    booleans as their JSON text, since a category may be a code.
    """

    def __init__(self, signature: Signature, max_rows: int) -> None:
        self._numeric = signature.numeric
        self._categorical = signature.categorical
        self._known = frozenset(signature.columns)
        self._max_rows = max_rows

    def decode(self, body: bytes) -> dict[str, np.ndarray]:
        """The columns, each of shape [rows, 1]: float32, or str objects; raises RefusedError."""
        rows = self._rows(_parse(body))
        return {**self._numbers(rows), **self._texts(rows)}

    def _rows(self, document: Any) -> list[Row]:
        if not isinstance(document, dict) or document.keys() != {"rows"}:
            raise RefusedError(422, 'the body must be one JSON object with the single key "rows"')
        rows = document["rows"]
        if not isinstance(rows, list) or not rows:
            raise RefusedError(422, f'"rows" must be a list of at least one object, found {_found(rows)}')
        if len(rows) > self._max_rows:
            raise RefusedError(413, f"{len(rows)} rows are more than the {self._max_rows} that one request may hold")
        for index, row in enumerate(rows):
            if type(row) is not dict:
                raise RefusedError(422, f"rows[{index}] must be an object of columns, found {_found(row)}")
            if not self._known.issuperset(row):
                raise RefusedError(422, self._unknown(index, row))
        return rows

    def _unknown(self, index: int, row: Row) -> str:
        unknown = next(name for name in row if name not in self._known)
        taken = ", ".join([*self._numeric, *self._categorical])
        return f"rows[{index}] has the unknown column {_quoted(unknown)}; the model takes: {taken}"

    def _numbers(self, rows: list[Row]) -> dict[str, np.ndarray]:
        values = [row.get(name) for name in self._numeric for row in rows]
        if not NUMBERS.issuperset(map(type, values)):
            raise _wrong_type(rows, self._numeric, NUMBERS, EXPECTED["numeric"])
        table = np.array(values, dtype=np.float64)
        if (np.abs(table) > LARGEST).any():
            raise _too_large(rows, self._numeric)
        cube = table.astype(np.float32).reshape(len(self._numeric), len(rows), 1)
        return dict(zip(self._numeric, cube, strict=True))

    def _texts(self, rows: list[Row]) -> dict[str, np.ndarray]:
        values = [row.get(name) for name in self._categorical for row in rows]
        types = set(map(type, values))
        if not TEXTS.issuperset(types):
            raise _wrong_type(rows, self._categorical, TEXTS, EXPECTED["categorical"])
        if types != {str}:
            values = [category_text(value) for value in values]
        cube = np.array(values, dtype=object).reshape(len(self._categorical), len(rows), 1)
        return dict(zip(self._categorical, cube, strict=True))


def _parse(body: bytes) -> Any:
    if not body.strip():
        raise RefusedError(400, 'the body is empty; send {"rows": [{...}]}')
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


def _wrong_type(rows: list[Row], names: list[str], allowed: set[type], expected: str) -> RefusedError:
    index, name, value = next(
        (index, name, row[name])
        for index, row in enumerate(rows)
        for name in names
        if type(row.get(name)) not in allowed
    )
    return RefusedError(422, f"rows[{index}], column {name}: expected {expected}, found {_found(value)}")


def _too_large(rows: list[Row], names: list[str]) -> RefusedError:
    index, name, value = next(
        (index, name, row[name])
        for index, row in enumerate(rows)
        for name in names
        if row.get(name) is not None and abs(row[name]) > LARGEST
    )
    return RefusedError(422, f"rows[{index}], column {name}: {value:g} is beyond the largest 32-bit float, 3.4e38")


def _found(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {category_text(value)}"
    if isinstance(value, int | float):
        return f"the number {value:g}"
    if isinstance(value, str):
        return f"the text {_quoted(value)}"
    kind = "object" if isinstance(value, dict) else "list"
    return f"a non-empty {kind}" if value else f"an empty {kind}"


def _quoted(text: str, longest: int = 40) -> str:
    return f'"{text}"' if len(text) <= longest else f'"{text[:longest]}…"'
