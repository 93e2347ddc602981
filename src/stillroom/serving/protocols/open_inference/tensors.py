"""A request's tensors, read as columns: what they are declared as, and their contents as JSON or raw bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any

import numpy as np

from stillroom.serving.errors import RefusedError
from stillroom.table.inputs import found

Column = Sequence[Any] | np.ndarray
BYTES = "BYTES"
RAW: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("u1"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    **{f"INT{8 * size}": np.dtype(f"<i{size}") for size in (1, 2, 4, 8)},
    **{f"UINT{8 * size}": np.dtype(f"<u{size}") for size in (1, 2, 4, 8)},
}
LENGTH = Struct("<I")
NULL = type(None)
# The types of JSON's values by datatype.
JSON_TYPES: dict[str, set[type]] = {
    **{datatype: {int, NULL} for datatype in RAW},
    **{datatype: {float, int, NULL} for datatype in ("FP16", "FP32", "FP64")},
    "BOOL": {bool, NULL},
    BYTES: {str, NULL},
}


@dataclass(slots=True)
class Declared:
    """What a request says of one input tensor beside its contents."""

    name: str
    datatype: str
    rows: int

    @classmethod
    def of(cls, name: str, datatype: str, shape: Sequence[int]) -> "Declared":
        """A tensor of one value a row; raises RefusedError for an unknown datatype or another shape."""
        if datatype not in JSON_TYPES:
            raise unreadable(name, f"the datatype {datatype[:20]} is not one of {', '.join(JSON_TYPES)}")
        if len(shape) not in (1, 2) or shape[0] < 0 or list(shape[1:]) not in ([], [1]):
            raise unreadable(name, f"the shape must be [rows] or [rows, 1], found {list(shape)[:4]}")
        return cls(name, datatype, shape[0])

    def check_length(self, length: int) -> None:
        """Raise RefusedError where the contents hold more or fewer elements than the shape says."""
        if length != self.rows:
            raise unreadable(self.name, f"the shape says {self.rows} elements, the contents hold {length}")


def unreadable(name: str, problem: str) -> RefusedError:
    """A tensor that cannot be read."""
    return RefusedError(400, f"input {name[:100]}: {problem}")


def from_json(tensor: Declared, data: Any) -> Column:
    """The column of a JSON list, flat or one list a row; null is a missing value. Raises RefusedError."""
    if not isinstance(data, list):
        raise unreadable(tensor.name, f'"data" must be a list, found {found(data)}')
    if data and type(data[0]) is list:
        data = [each[0] if type(each) is list and len(each) == 1 else each for each in data]
    tensor.check_length(len(data))
    allowed = JSON_TYPES[tensor.datatype]
    if not allowed.issuperset(map(type, data)):
        index = next(index for index, value in enumerate(data) if type(value) not in allowed)
        raise unreadable(tensor.name, f"data[{index}] is no {tensor.datatype}, but {found(data[index])}")
    return np.array(data, np.float64) if float in allowed else data


def from_raw(tensor: Declared, raw: bytes) -> Column:
    """The column of little-endian elements; each of BYTES has its length, 4 bytes, in front. Raises RefusedError."""
    if tensor.datatype == BYTES:
        return texts(tensor, _split(tensor, raw))
    dtype = RAW[tensor.datatype]
    if len(raw) != tensor.rows * dtype.itemsize:
        expected = f"{tensor.rows} elements of {tensor.datatype} are {tensor.rows * dtype.itemsize} bytes"
        raise unreadable(tensor.name, f"{expected}, found {len(raw)}")
    values = np.frombuffer(raw, dtype)
    return values != 0 if tensor.datatype == "BOOL" else values


def _split(tensor: Declared, raw: bytes) -> list[bytes]:
    elements: list[bytes] = []
    at = 0
    while at < len(raw):
        begin = at + LENGTH.size
        at = begin + LENGTH.unpack_from(raw, at)[0] if begin <= len(raw) else begin
        if at > len(raw):
            raise unreadable(tensor.name, f"the BYTES end within element {len(elements)}")
        elements.append(raw[begin:at])
    tensor.check_length(len(elements))
    return elements


def texts(tensor: Declared, elements: Sequence[bytes]) -> list[str]:
    """Elements of BYTES as text; raises RefusedError where one is not UTF-8."""
    read: list[str] = []
    for index, element in enumerate(elements):
        try:
            read.append(element.decode())
        except UnicodeDecodeError:
            raise unreadable(tensor.name, f"element {index} of BYTES is not UTF-8 text") from None
    return read


def to_raw(values: np.ndarray) -> bytes:
    """Numbers as little-endian bytes; texts, of dtype object, each with its length in front."""
    if values.dtype != object:
        return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    encoded = [text.encode() for text in values.tolist()]
    return b"".join(LENGTH.pack(len(element)) + element for element in encoded)
