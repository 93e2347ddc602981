"""CSV: a line of column names, then a line a row (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import orjson

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.base import Format, answer_columns
from stillroom.serving.model import Columns
from stillroom.serving.version import Version
from stillroom.table.inputs.base import quoted

# A field is as long as a body may be: pictures are long.
csv.field_size_limit(2**31 - 1)


class Csv(Format):
    """UTF-8 text in which an empty field is a missing value and a category is the text as it stands.

    The first line names every column of the model once, in any order. The answer has a line of names too:
    `prediction`, or `probability_<class>` for each class.
    """

    media_type = "text/csv"

    def __init__(self, max_rows: int) -> None:
        self._max_rows = max_rows

    def decode(self, body: bytes, version: Version) -> Iterator[Columns]:
        """Lines under the header."""
        try:
            lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
            names = next(lines, None)
            if not names:
                raise RefusedError(400, "the body is empty; send CSV whose first line names the columns")
            _check_header(names, version.signature.columns)
            rows = list(islice(lines, self._max_rows + 1))
        except UnicodeDecodeError as error:
            raise RefusedError(400, f"the body is not UTF-8 text: byte {error.start} cannot be decoded") from None
        except csv.Error as error:
            raise RefusedError(400, f"the body is not valid CSV: line {lines.line_num}: {error}") from None
        return version.reader.columns(table(names, rows, version))

    def encode(self, predictions: np.ndarray, version: Version) -> bytes:
        """The digits of JSON's answer."""
        digits = orjson.dumps(predictions.ravel(), option=orjson.OPT_SERIALIZE_NUMPY).decode().strip("[]").split(",")
        return csv_text(answer_columns(version), np.array(digits, object).reshape(len(predictions), -1).tolist())


def table(names: Sequence[str], rows: Sequence[Sequence[str]], version: Version) -> dict[str, list[Any]]:
    """Columns by name from rows of fields, as JSON would give them; raises RefusedError where a row is too long or
    too short."""
    if not rows:
        raise RefusedError(422, "the CSV has no row under its header")
    filled = [row or [""] for row in rows]  # an empty line is one empty field
    for index, row in enumerate(filled):
        if len(row) != len(names):
            raise RefusedError(422, f"rows[{index}] has {len(row)} values, but there are {len(names)} columns")
    inputs = {each.name: each for each in version.signature.inputs}
    columns = zip(names, zip(*filled, strict=True), strict=True)
    return {name: inputs[name].from_texts(texts) for name, texts in columns}


def csv_text(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _check_header(names: list[str], columns: list[str]) -> None:
    unknown = [name for name in names if name not in columns]
    absent = [name for name in columns if name not in names]
    if unknown:
        problem = f"has the unknown column {quoted(unknown[0])}"
    elif absent:
        problem = f"lacks the column {absent[0]}"
    elif len(names) > len(columns):
        problem = f"names {next(name for name in names if names.count(name) > 1)} twice"
    else:
        return
    raise RefusedError(422, f"the CSV's header {problem}; the model takes: {', '.join(columns)}")
