"""What the service and its decoder's process tell each other: JSON, and numbers as their bytes.

Whatever has become of the process that wrote it, nothing that is read here can be more than numbers, texts, booleans
and nulls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

import numpy as np
import orjson

Values = Sequence[Any] | np.ndarray
INDICES, PIECES = "<i4", "<f4"
NUMBERS = {"<f2", "<f4", "<f8", INDICES}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of input takes: families of Arrow's types, whether as numbers alone, and in words."""

    arrow: Sequence[str]
    numbers: bool
    expected: str


@dataclass(frozen=True, slots=True)
class Task:
    """How to read a body (a key of decode.READERS), the model's inputs, and what it may hold.

    ``max_bytes`` are those of all batches as they are written here. ``request`` says what a large request is, of whose
    protocol ``reader`` is the label.
    """

    reader: str
    inputs: Mapping[str, Kind]
    max_rows: int
    max_bytes: int
    request: Mapping[str, Any] | None = None

    def send(self, connection: Connection, body: bytes) -> None:
        """Write it, and its body behind it."""
        connection.send_bytes(orjson.dumps(self))
        connection.send_bytes(body)

    @classmethod
    def receive(cls, connection: Connection) -> tuple[Self, bytes]:
        """Read one and its body; raises EOFError where there is no more."""
        task = orjson.loads(connection.recv_bytes())
        inputs = {name: Kind(**kind) for name, kind in task.pop("inputs").items()}
        return cls(inputs=inputs, **task), connection.recv_bytes()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a body is not read: an HTTP status, and a sentence."""

    status: int
    sentence: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A column whose values are repeated: ``indices`` into ``values``, -1 where missing."""

    values: Sequence[Any]
    indices: np.ndarray


@dataclass(frozen=True, slots=True)
class Batch:
    """Columns as they are written: what JSON says of them, and the numbers of all of them one behind the other."""

    columns: bytes
    numbers: bytes

    def __len__(self) -> int:
        return len(self.columns) + len(self.numbers)

    @classmethod
    def of(cls, columns: Mapping[str, Values | LookedUp], rows: int) -> Self:
        """Write columns of ``rows`` values: arrays of numbers, or lists of texts, integers, booleans and None."""
        told: dict[str, Any] = {}
        numbers: list[np.ndarray] = []
        for name, column in columns.items():
            told[name] = {}
            if isinstance(column, LookedUp):
                numbers.append(column.indices.astype(INDICES))
                told[name]["values"] = column.values
            elif isinstance(column, np.ndarray):
                numbers.append(column.astype(column.dtype.newbyteorder("<"), copy=False))
            else:
                told[name]["values"] = column
                continue
            told[name]["dtype"] = numbers[-1].dtype.str
        return cls(orjson.dumps({"rows": rows, "columns": told}), b"".join(map(np.ndarray.tobytes, numbers)))

    def read(self) -> dict[str, Values]:
        """The columns; raises ValueError or KeyError where they are not as ``of`` writes them."""
        told = orjson.loads(self.columns)
        rows, at = told["rows"], 0
        columns: dict[str, Values] = {}
        for name, column in told["columns"].items():
            values = column.get("values")
            if "dtype" in column:
                if column["dtype"] not in NUMBERS:
                    raise ValueError(f"column {name} has the type {column['dtype']}")
                numbers = np.frombuffer(self.numbers, column["dtype"], rows, at)
                at += numbers.nbytes
                values = numbers if values is None else np.array([*values, None], dtype=object)[numbers]
            if len(values) != rows:
                raise ValueError(f"column {name} has {len(values)} rows, not {rows}")
            columns[name] = values
        return columns

    @classmethod
    def of_piece(cls, columns: Mapping[str, np.ndarray]) -> Self:
        """Write what one call of the model takes: numbers, float32 [rows, 1], and texts [rows, 1]."""
        told: dict[str, list[str] | None] = {}
        numbers = b""
        for name, column in columns.items():
            if column.dtype == object:
                told[name] = column.ravel().tolist()
            else:
                told[name] = None
                numbers += column.astype(PIECES, copy=False).tobytes()
        return cls(orjson.dumps({"rows": len(column), "columns": told}), numbers)

    def read_piece(self) -> dict[str, np.ndarray]:
        """It again; raises ValueError where it is not as ``of_piece`` writes it."""
        told = orjson.loads(self.columns)
        rows, at = told["rows"], 0
        columns: dict[str, np.ndarray] = {}
        for name, texts in told["columns"].items():
            if texts is None:
                columns[name] = np.frombuffer(self.numbers, PIECES, rows, at).reshape(rows, 1)
                at += columns[name].nbytes
            elif len(texts) == rows and {str}.issuperset(map(type, texts)):
                columns[name] = np.fromiter(texts, object, rows).reshape(rows, 1)
            else:
                raise ValueError(f"column {name} is not of {rows} texts")
        return columns
