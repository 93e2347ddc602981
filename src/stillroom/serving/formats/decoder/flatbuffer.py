"""Reading tables of a FlatBuffer, in which Arrow IPC writes what it says of its batches
(flatbuffers.dev/internals)."""

import struct
from typing import Self

import numpy as np


class Table:
    """One table. Its methods raise struct.error or ValueError where it points outside of its buffer."""

    def __init__(self, buffer: bytes | memoryview, position: int) -> None:
        self._buffer, self._position = buffer, position

    @classmethod
    def root(cls, buffer: bytes | memoryview) -> Self:
        """The table that the buffer is about."""
        return cls(buffer, *struct.unpack_from("<I", buffer))

    def number(self, field: int, form: str) -> int:
        """An integer in ``struct``'s form, 0 where it is absent."""
        position = self._field(field)
        return struct.unpack_from("<" + form, self._buffer, position)[0] if position else 0

    def table(self, field: int) -> Self | None:
        """A table within."""
        position = self._field(field)
        return type(self)(self._buffer, self._target(position)) if position else None

    def vector(self, field: int, item: np.dtype) -> np.ndarray:
        """An array of structs, empty where it is absent."""
        position = self._field(field)
        if not position:
            return np.empty(0, item)
        start = self._target(position)
        (length,) = struct.unpack_from("<I", self._buffer, start)
        return np.frombuffer(self._buffer, item, length, start + 4) if length else np.empty(0, item)

    def _target(self, position: int) -> int:
        return position + struct.unpack_from("<I", self._buffer, position)[0]

    def _field(self, field: int) -> int:
        """Where a field is, 0 where it is absent: its place in the table stands in the table's vtable."""
        vtable = self._position - struct.unpack_from("<i", self._buffer, self._position)[0]
        (size,) = struct.unpack_from("<H", self._buffer, vtable)
        slot = 4 + 2 * field
        offset = struct.unpack_from("<H", self._buffer, vtable + slot)[0] if slot < size else 0
        return self._position + offset if offset else 0
