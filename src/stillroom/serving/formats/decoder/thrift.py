"""Reading structs of Thrift's compact protocol, in which Parquet writes what it says of its columns
(thrift-compact-protocol.md)."""

from typing import Any

TRUE, FALSE = 1, 2
DEEPEST = 16

Struct = dict[int, Any]


class CompactReader:
    """Reads structs as their fields by number, from ``position`` on, which it moves behind them.

    At most ``most_values`` values are read, all structs together; doubles are left as their bytes, and maps, which
    Parquet has none of, are not read. Raises ValueError or IndexError where there are more, or the bytes are no struct.
    """

    def __init__(self, buffer: bytes, most_values: int) -> None:
        self.position = 0
        self._buffer, self._left = buffer, most_values

    def struct(self, depth: int = 0) -> Struct:
        """One struct."""
        fields: Struct = {}
        number = 0
        while header := self._byte():
            self._count(depth)
            delta, kind = header >> 4, header & 15
            number = number + delta if delta else self._integer()
            fields[number] = kind == TRUE if kind in (TRUE, FALSE) else self._value(kind, depth + 1)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        self._count(depth)
        match kind:
            case 3 | 1 | 2:  # i8; the booleans of a list
                value: Any = self._byte()
            case 4 | 5 | 6:  # i16, i32, i64
                value = self._integer()
            case 7:  # double
                value = self._bytes(8)
            case 8:  # binary
                value = self._bytes(self._varint())
            case 9 | 10:  # list, set
                value = self._list(depth)
            case 12:  # struct
                value = self.struct(depth)
            case _:
                raise ValueError("its metadata are not in Thrift's compact protocol")
        return value

    def _list(self, depth: int) -> list[Any]:
        header = self._byte()
        size = header >> 4
        return [self._value(header & 15, depth + 1) for _ in range(self._varint() if size == 15 else size)]

    def _count(self, depth: int) -> None:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise ValueError("its metadata hold too many values")

    def _integer(self) -> int:
        """A signed number, in zigzag order: 0, -1, 1, -2, ..."""
        number = self._varint()
        return number >> 1 ^ -(number & 1)

    def _varint(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
        raise ValueError("its metadata hold a number of more than 64 bits")

    def _byte(self) -> int:
        byte = self._buffer[self.position]
        self.position += 1
        return byte

    def _bytes(self, length: int) -> bytes:
        end = self.position + length
        if end > len(self._buffer):
            raise ValueError("it ends before what it announces")
        found, self.position = self._buffer[self.position : end], end
        return found
