"""A JSON body of rows, decoded into the model's columns."""

import re
from typing import Any

import numpy as np
import orjson

from stillroom.serving.errors import RefusedError
from stillroom.table.inputs import AnyInput, Input, MisfitError, Row, found
from stillroom.table.inputs.base import quoted
from stillroom.table.signature import Signature

# Strings are matched first, so that only a bare NaN is replaced; the missing end quote keeps the scan linear.
NAN_OR_STRING = re.compile(rb'("(?:[^"\\]|\\.)*+"?)|\bNaN\b', re.DOTALL)


class Decoder:
    """Decodes ``{"rows": [{column: value, ...}, ...]}`` for one model.

    A missing key, null and a bare NaN (which Python's json writes) are missing values; what else a value may be, each
    kind of input says itself.
    """

    def __init__(self, signature: Signature, max_rows: int) -> None:
        self._kinds = _by_kind(signature.inputs)
        self._known = frozenset(signature.columns)
        self._max_rows = max_rows

    def decode(self, body: bytes) -> dict[str, np.ndarray]:
        """The columns as the graph takes them; raises RefusedError."""
        rows = self._rows(_parse(body))
        columns: dict[str, np.ndarray] = {}
        try:
            for kind, inputs in self._kinds:
                columns |= kind.decode(inputs, rows)
        except MisfitError as misfit:
            raise RefusedError(422, str(misfit)) from None
        return columns

    def _rows(self, document: Any) -> list[Row]:
        if not isinstance(document, dict) or document.keys() != {"rows"}:
            raise RefusedError(422, 'the body must be one JSON object with the single key "rows"')
        rows = document["rows"]
        if not isinstance(rows, list) or not rows:
            raise RefusedError(422, f'"rows" must be a list of at least one object, found {found(rows)}')
        if len(rows) > self._max_rows:
            raise RefusedError(413, f"{len(rows)} rows are more than the {self._max_rows} that one request may hold")
        for index, row in enumerate(rows):
            if type(row) is not dict:
                raise RefusedError(422, f"rows[{index}] must be an object of columns, found {found(row)}")
            if not self._known.issuperset(row):
                raise RefusedError(422, self._unknown(index, row))
        return rows

    def _unknown(self, index: int, row: Row) -> str:
        unknown = next(name for name in row if name not in self._known)
        taken = ", ".join(each.name for _, inputs in self._kinds for each in inputs)
        return f"rows[{index}] has the unknown column {quoted(unknown)}; the model takes: {taken}"


def _by_kind(inputs: list[AnyInput]) -> list[tuple[type[Input], list[Any]]]:
    """The inputs of each class together, in their order."""
    kinds: dict[type[Input], list[Any]] = {}
    for each in inputs:
        kinds.setdefault(type(each), []).append(each)
    return list(kinds.items())


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
