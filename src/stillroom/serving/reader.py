"""Rows or columns of a request, read as one model's inputs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from stillroom.serving.errors import RefusedError, too_many
from stillroom.serving.model import Columns
from stillroom.table.inputs import AnyInput, Input, MisfitError, Row, found
from stillroom.table.inputs.base import quoted
from stillroom.table.signature import Signature

# Up to here it is quicker to read columns as rows, all columns of a kind at once, than one after another.
FEW_ROWS = 8


class Reader:
    """Reads what a protocol has taken out of a body: a list of rows, or columns by name.

    Both come in pieces of at most ``chunk_rows`` rows, read when they are asked for, so that a large request lets
    small ones pass between two pieces. A column that is not there, null and NaN are missing values; what else a value
    may be, each kind of input says itself. What does not fit raises RefusedError, which names row and column.
    """

    def __init__(self, signature: Signature, max_rows: int, chunk_rows: int) -> None:
        self._inputs = signature.inputs
        self._kinds = _by_kind(signature.inputs)
        self._known = frozenset(signature.columns)
        self._max_rows, self._chunk_rows = max_rows, chunk_rows

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
        if len(rows) <= self._chunk_rows:
            return iter((self._fitted(lambda: self._decoded(rows), 0),))
        return self._pieces(len(rows), lambda begin, end: self._decoded(rows[begin:end]))

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

    def _decoded(self, rows: list[Row]) -> Columns:
        columns: dict[str, np.ndarray] = {}
        for kind, inputs in self._kinds:
            columns |= kind.decode(inputs, rows)
        return columns

    def _cut(self, columns: Mapping[str, Sequence[Any] | np.ndarray], begin: int, end: int) -> Columns:
        if end - begin <= FEW_ROWS:
            cut = [values[begin:end] for values in columns.values()]
            listed = [values.tolist() if isinstance(values, np.ndarray) else values for values in cut]
            return self._decoded([dict(zip(columns, row, strict=True)) for row in zip(*listed, strict=True)])
        absent = [None] * (end - begin)
        return {
            each.name: each.column(columns[each.name][begin:end] if each.name in columns else absent)
            for each in self._inputs
        }

    def _pieces(self, rows: int, piece: Callable[[int, int], Columns], first: int = 0) -> Iterator[Columns]:
        for begin in range(0, rows, self._chunk_rows):
            end = min(begin + self._chunk_rows, rows)
            yield self._fitted(lambda begin=begin, end=end: piece(begin, end), first + begin)  # type: ignore[misc]

    @staticmethod
    def _fitted(read: Callable[[], Columns], first: int) -> Columns:
        try:
            return read()
        except MisfitError as misfit:
            raise RefusedError(422, str(MisfitError(first + misfit.row, misfit.column, misfit.problem))) from None

    def _check_length(self, rows: int) -> None:
        if rows > self._max_rows:
            raise too_many(rows, self._max_rows)

    def _unknown(self, names: Iterable[str]) -> str:
        unknown = next(name for name in names if name not in self._known)
        taken = ", ".join(each.name for each in self._inputs)
        return f"the unknown column {quoted(str(unknown))}; the model takes: {taken}"


def _by_kind(inputs: list[AnyInput]) -> list[tuple[type[Input], list[Any]]]:
    """The inputs of each class together, in their order."""
    kinds: dict[type[Input], list[Any]] = {}
    for each in inputs:
        kinds.setdefault(type(each), []).append(each)
    return list(kinds.items())
