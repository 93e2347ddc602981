"""The columns of Arrow's record batches as the reader takes them: a list or an array each."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from arro3.core import Array, DataType, RecordBatch, Schema, dictionary_dictionary, dictionary_indices

from stillroom.serving.errors import RefusedError

Values = Sequence[Any] | np.ndarray
Is = Callable[[DataType], bool]
VIEWS: tuple[Is, ...] = (DataType.is_string_view, DataType.is_binary_view)
TEXTS: tuple[Is, ...] = (DataType.is_string, DataType.is_large_string, DataType.is_string_view)
BYTES: tuple[Is, ...] = (DataType.is_binary, DataType.is_large_binary, DataType.is_binary_view)
NUMBERS: tuple[Is, ...] = (DataType.is_integer, DataType.is_floating, DataType.is_decimal)
# A float is a category where all are missing; the reader refuses any other by its row.
CATEGORIES: tuple[Is, ...] = (*TEXTS, DataType.is_integer, DataType.is_floating, DataType.is_boolean)
FITTING: dict[str, tuple[Is, ...]] = {
    "numeric": (*NUMBERS, DataType.is_null),
    "categorical": (*CATEGORIES, DataType.is_null),
    "image": (*BYTES, *TEXTS, DataType.is_null),
}


class Kind(NamedTuple):
    """A kind of input, and what it takes in words."""

    name: str
    expected: str


class Batches:
    """Reads the batches of one request as the columns that a model takes, by their names.

    Dictionary-encoded columns are read as what they stand for, decimals as 64-bit floats, and an image's bytes as the
    base64 text that JSON would hold. All texts may together take ``max_bytes``: rows can share theirs, so that a small
    body stands for a large one.
    """

    def __init__(self, inputs: Mapping[str, Kind], max_bytes: int) -> None:
        self._inputs = inputs
        self._max_bytes = self._left = max_bytes

    def check(self, schema: Schema) -> None:
        """Raise RefusedError where a column is named twice or has a type that the model cannot take."""
        seen: set[str] = set()
        for name, kind in zip(schema.names, schema.types, strict=True):
            if name in seen:
                raise RefusedError(422, f"the table has two columns of the name {name[:40]}")
            seen.add(name)
            if name not in self._inputs:
                taken = ", ".join(self._inputs)
                raise RefusedError(422, f"the request has the unknown column {quoted(name)}; the model takes: {taken}")
            each = self._inputs[name]
            if not _is(_value_type(kind), FITTING[each.name]):
                raise RefusedError(422, f"column {name}: expected {each.expected}, found {_named(kind)}")

    def columns(self, batch: RecordBatch) -> Mapping[str, Values]:
        """A list or an array [rows] for each column; raises RefusedError where the texts take more than they may."""
        return {name: self._values(self._inputs[name].name, batch.column(name)) for name in batch.schema.names}

    def _values(self, kind: str, array: Array) -> Values:
        if kind == "numeric":
            return _numbers(array)
        values = self._looked_up(array) if DataType.is_dictionary(array.type) else self._listed(array)
        if kind == "image":
            return [base64.b64encode(value).decode() if isinstance(value, bytes) else value for value in values]
        return values

    def _looked_up(self, array: Array) -> np.ndarray:
        """The values that a dictionary's indices stand for, each of them read once."""
        indices = _numbers(dictionary_indices(array))
        present = ~np.isnan(indices)
        used, places = np.unique(indices[present].astype(np.int64), return_inverse=True)
        values = np.full(len(indices), None, dtype=object)
        if used.size:
            known = np.empty(used.size, dtype=object)
            known[:] = self._listed(dictionary_dictionary(array).take(Array.from_numpy(used)))
            values[present] = known[places]
        return values

    def _listed(self, array: Array) -> Values:
        """Texts, bytes and codes. Views are listed few at a time, since all of them could show the same bytes."""
        if not _is(array.type, VIEWS):
            self._spend(array.nbytes)
            return array.to_pylist()
        values: list[Any] = []
        step = max(1, self._max_bytes // max(1, array.nbytes))
        for begin in range(0, len(array), step):
            some = array.slice(begin, min(step, len(array) - begin)).to_pylist()
            self._spend(sum(len(value) for value in some if value is not None))
            values += some
        return values

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise too_large(self._max_bytes)


def too_large(max_bytes: int) -> RefusedError:
    """The error of a body that is too large once it is decompressed."""
    return RefusedError(413, f"the table takes more than the {max_bytes} bytes that one request may hold when decoded")


def _numbers(array: Array) -> np.ndarray:
    """Floats, NaN where missing. Integers become 64-bit floats first, as JSON's numbers do."""
    if not DataType.is_floating(array.type):
        array = array.cast(DataType.float64())
    return np.array(array.to_pylist(), dtype=np.float64) if array.null_count else array.to_numpy()


def _is(kind: DataType, kinds: Sequence[Is]) -> bool:
    return any(each(kind) for each in kinds)


def _value_type(kind: DataType) -> DataType:
    return kind.value_type if DataType.is_dictionary(kind) and kind.value_type else kind


def quoted(text: str) -> str:
    """A text in quotes, cut where it is long."""
    return f'"{text[:40]}"'


def _named(kind: DataType) -> str:
    """Arrow's name of a type, such as `Timestamp(µs)`."""
    return "the type " + str(kind).strip().removeprefix("arro3.core.DataType<").removesuffix(">")[:60]
