"""The columns of Arrow's record batches as the service's reader takes them."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from arro3.core import Array, DataType, RecordBatch, Schema, dictionary_dictionary, dictionary_indices

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.decoder.wire import Kind, LookedUp, Values

Is = Callable[[DataType], bool]
BYTES: tuple[Is, ...] = (DataType.is_binary, DataType.is_large_binary, DataType.is_binary_view)
FAMILIES: dict[str, tuple[Is, ...]] = {
    "integer": (DataType.is_integer,),
    "floating": (DataType.is_floating,),
    "decimal": (DataType.is_decimal,),
    "boolean": (DataType.is_boolean,),
    "text": (DataType.is_string, DataType.is_large_string, DataType.is_string_view),
    "bytes": BYTES,
}


class Columns:
    """Reads the columns that a model takes, by their names.

    Dictionary-encoded columns are read as what they stand for, decimals as 64-bit floats, and bytes as the base64 text
    that JSON would hold.
    """

    def __init__(self, inputs: Mapping[str, Kind]) -> None:
        self._inputs = inputs

    def check(self, schema: Schema) -> None:
        """Raise RefusedError where a column is named twice or has a type that the model cannot take."""
        seen: set[str] = set()
        for name, kind in zip(schema.names, schema.types, strict=True):
            if name in seen:
                raise RefusedError(422, f"the table has two columns of the name {name[:40]}")
            seen.add(name)
            if name not in self._inputs:
                taken = ", ".join(self._inputs)
                raise RefusedError(422, f'the request has the unknown column "{name[:40]}"; the model takes: {taken}')
            each = self._inputs[name]
            if not _fits(_value_type(kind), each):
                raise RefusedError(422, f"column {name}: expected {each.expected}, found {_named(kind)}")

    def of(self, batch: RecordBatch) -> dict[str, Values | LookedUp]:
        """The columns of one batch."""
        return {name: _values(batch.column(name), self._inputs[name].numbers) for name in batch.schema.names}


def _values(array: Array, numbers: bool) -> Values | LookedUp:
    if numbers:
        return _numbers(array)
    if DataType.is_floating(array.type):
        return array.to_pylist() if array.null_count == len(array) else _numbers(array)
    if DataType.is_dictionary(array.type):
        return _looked_up(array)
    return _listed(array)


def _looked_up(array: Array) -> LookedUp:
    """The values that a dictionary's indices stand for, each of them read once."""
    indices = _numbers(dictionary_indices(array))
    present = ~np.isnan(indices)
    used, places = np.unique(indices[present].astype(np.int64), return_inverse=True)
    values = _listed(dictionary_dictionary(array).take(Array.from_numpy(used))) if used.size else []
    looked_up = np.full(len(indices), -1)
    looked_up[present] = places
    return LookedUp(values, looked_up)


def _listed(array: Array) -> Sequence[Any]:
    """Texts and codes."""
    values: list[Any] = list(array.to_pylist())
    if _is(array.type, BYTES):
        return [None if value is None else base64.b64encode(value).decode() for value in values]
    return values


def _numbers(array: Array) -> np.ndarray:
    """Floats, NaN where missing. Integers become 64-bit floats first, as JSON's numbers do."""
    if not DataType.is_floating(array.type):
        array = array.cast(DataType.float64())
    return np.array(array.to_pylist(), dtype=np.float64) if array.null_count else array.to_numpy()


def _fits(kind: DataType, wanted: Kind) -> bool:
    return DataType.is_null(kind) or any(_is(kind, FAMILIES[family]) for family in wanted.arrow)


def _is(kind: DataType, kinds: Sequence[Is]) -> bool:
    return any(each(kind) for each in kinds)


def _value_type(kind: DataType) -> DataType:
    return kind.value_type if DataType.is_dictionary(kind) and kind.value_type else kind


def _named(kind: DataType) -> str:
    """Arrow's name of a type, such as `Timestamp(µs)`."""
    return "the type " + str(kind).strip().removeprefix("arro3.core.DataType<").removesuffix(">")[:60]
