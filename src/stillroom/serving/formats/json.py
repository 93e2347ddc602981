"""JSON: rows as records or columns in, predictions out."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from stillroom.serving.document import parse
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.base import Format
from stillroom.serving.pieces import Piece
from stillroom.serving.version import Version
from stillroom.table.inputs import found


class Json(Format):
    """``{"rows": [{column: value, ...}, ...]}`` or ``{"columns": {column: [value, ...], ...}}``.

    The answer to both is ``{"predictions": [...], "model": tag}``, with ``"classes"`` where there are classes.
    """

    media_type = "application/json"

    def decode(self, body: bytes, version: Version) -> Iterator[Piece]:
        """What a column or a key lacks, is missing."""
        records = version.reader.records(body)
        return self.explained(body, version) if records is None else records

    def explained(self, body: bytes, version: Version) -> Iterator[Piece]:
        """The same for any body, the slow way, which finds out why a body does not fit."""
        document = parse(body)
        if isinstance(document, dict) and len(document) == 1:
            if "rows" in document:
                return version.reader.rows(document["rows"])
            if "columns" in document:
                return version.reader.columns(_lists(document["columns"]))
        raise RefusedError(422, 'the body must be one JSON object with the single key "rows" or "columns"')

    def encode(self, predictions: np.ndarray, version: Version) -> bytes:
        """Predictions in the order of the rows."""
        document: dict[str, Any] = {"predictions": predictions, "model": version.tag}
        if version.signature.classes:
            document["classes"] = version.signature.classes
        return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def _lists(columns: Any) -> dict[str, list[Any]]:
    if not isinstance(columns, dict) or not columns:
        raise RefusedError(422, f'"columns" must be an object of at least one list of values, found {found(columns)}')
    for name, values in columns.items():
        if not isinstance(values, list):
            raise RefusedError(422, f'the column "{name[:40]}" must be a list of values, found {found(values)}')
    return columns
