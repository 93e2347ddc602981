"""Rows or columns of a request, read as one model's inputs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from stillroom.serving.errors import RefusedError, misfitting, too_many
from stillroom.serving.model import Columns
from stillroom.serving.records import RecordDecoder, Records, by_kind
from stillroom.table.inputs import MisfitError, found
from stillroom.table.inputs.base import quoted
from stillroom.table.signature import Signature

# Up to here it is quicker to read all columns of a kind at once than one after another.
FEW_ROWS = 8


class Reader:
    """Reads what a protocol has taken out of a body: a list of rows, or columns by name.

    Both come in pieces of at most ``chunk_rows`` rows, read when they are asked for, so that a large request lets
    small ones pass between two pieces. A column that is not there, null and NaN are missing values; what else a value
    may be, each kind of input says itself. What does not fit raises RefusedError, which names row and column.
    """

    def __init__(self, signature: Signature, max_rows: int, chunk_rows: int) -> None:
        self._inputs = signature.inputs
        self._kinds = by_kind(signature.inputs)
        self._decoder = RecordDecoder(signature.inputs)
        self._known = frozenset(signature.columns)
        self._max_rows, self._chunk_rows = max_rows, chunk_rows

    def records(self, body: bytes) -> Iterator[Records] | None:
        """The rows of a JSON body ``{"rows": [...]}``, the quick way.

        None where the body is anything else or a row does not fit: ``rows`` then finds out what to say.
        """
        records = self._decoder.decode(body)
        if not records:
            return None
        self._check_length(len(records))
        if len(records) <= self._chunk_rows:
            return iter((Records(self._decoder, records),))
        cuts = range(0, len(records), self._chunk_rows)
        return (Records(self._decoder, records[begin : begin + self._chunk_rows], begin) for begin in cuts)

    def rows(self, rows: Any, called: str = "rows") -> Iterator[Columns]:
        """The inputs from JSON objects; ``called`` is what the protocol calls their list."""
        if not isinstance(rows, list) or not rows:
            raise RefusedError(422, f'"{called}" must be a list of at least one object, found {found(rows)}')
        self._check_length(len(rows))
        for index, row in enumerate(rows):
            if type(row) is not dict:
                raise RefusedError(422, f"{called}[{index}] must be an object of columns, found {found(row)}")
            if not self._known.issuperset(row):
                raise RefusedError(422, f"{called}[{index}] has {self._unknown(row)}")

        def piece(begin: int, end: int) -> Columns:
            return self._decoded(end - begin, lambda name: [row.get(name) for row in rows[begin:end]])

        return self._pieces(len(rows), piece)

    def columns(self, columns: Mapping[str, Sequence[Any] | np.ndarray]) -> Iterator[Columns]:
        """The inputs from lists or arrays [rows] by name."""
        if not self._known.issuperset(columns):
            raise RefusedError(422, f"the request has {self._unknown(columns)}")
        lengths = {len(values) for values in columns.values()}
        if len(lengths) != 1 or lengths == {0}:
            problem = "are of different lengths" if len(lengths) > 1 else "hold no row"
            raise RefusedError(422, f"the columns {problem}; each must hold one value a row")
        rows = lengths.pop()
        self._check_length(rows)
        return self._pieces(rows, partial(self._cut, columns))

    def batches(self, batches: Iterable[Mapping[str, Sequence[Any] | np.ndarray]], max_rows: int) -> Iterator[Columns]:
        """The inputs from columns that come batch by batch, together at most ``max_rows`` rows."""
        first = 0
        for columns in batches:
            rows = len(next(iter(columns.values()), ()))
            if first + rows > max_rows:
                raise too_many(first + rows, max_rows)
            yield from self._pieces(rows, partial(self._cut, columns), first)
            first += rows
        if not first:
            raise RefusedError(422, "the table holds no row")

    def _decoded(self, rows: int, column: Callable[[str], Sequence[Any]]) -> Columns:
        columns: dict[str, np.ndarray] = {}
        for kind, inputs in self._kinds:
            values = chain.from_iterable(column(each.name) for each in inputs)
            table = np.fromiter(values, object, rows * len(inputs)).reshape(len(inputs), rows)
            kind.check(inputs, table)
            columns |= kind.decode(inputs, table)
        return columns

    def _cut(self, columns: Mapping[str, Sequence[Any] | np.ndarray], begin: int, end: int) -> Columns:
        absent = [None] * (end - begin)
        cut = {name: values[begin:end] for name, values in columns.items()}
        if end - begin <= FEW_ROWS:
            listed = {
                name: values.tolist() if isinstance(values, np.ndarray) else values for name, values in cut.items()
            }
            return self._decoded(end - begin, lambda name: listed.get(name, absent))
        return {each.name: each.column(cut.get(each.name, absent)) for each in self._inputs}

    def _pieces(self, rows: int, piece: Callable[[int, int], Columns], first: int = 0) -> Iterator[Columns]:
        for begin in range(0, rows, self._chunk_rows):
            end = min(begin + self._chunk_rows, rows)
            yield self._fitted(lambda begin=begin, end=end: piece(begin, end), first + begin)  # type: ignore[misc]

    @staticmethod
    def _fitted(read: Callable[[], Columns], first: int) -> Columns:
        try:
            return read()
        except MisfitError as misfit:
            raise misfitting(misfit, first) from None

    def _check_length(self, rows: int) -> None:
        if rows > self._max_rows:
            raise too_many(rows, self._max_rows)

    def _unknown(self, names: Iterable[str]) -> str:
        unknown = next(name for name in names if name not in self._known)
        taken = ", ".join(each.name for each in self._inputs)
        return f"the unknown column {quoted(str(unknown))}; the model takes: {taken}"
