"""What the formats of whole tables have in common: Arrow's record batches in, one table out."""

import io
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
from arro3.core import Array, RecordBatchReader, Table

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.base import Format, answer_columns
from stillroom.serving.formats.batches import Batches, Values
from stillroom.serving.model import Columns
from stillroom.serving.version import Version


class TableFormat(Format):
    """A format that holds typed columns.

    An answer's table has the column `prediction`, or `probability_<class>` for each class, of 32-bit floats, and the
    model's tag as its metadata `model`. ``max_rows`` and ``max_bytes``, decoded, are what a request may hold.
    """

    called: str

    def __init__(self, max_rows: int, max_bytes: int) -> None:
        self._max_rows, self._max_bytes = max_rows, max_bytes

    @abstractmethod
    def open(self, body: bytes) -> RecordBatchReader:
        """The batches of a body, once what it says of its size is checked; may raise anything."""

    @abstractmethod
    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """Write a table and the model's tag."""

    def decode(self, body: bytes, version: Version) -> Iterator[Columns]:
        """One batch after another; types that no column of the model takes are refused by name."""
        if not body:
            raise RefusedError(400, f"the body is empty; send {self.called}")
        with self._valid():
            reader = self.open(body)
            schema = reader.schema
        version.reader.check_names(schema.names)
        batches = Batches(version, self._max_bytes)
        batches.check(schema)
        return version.reader.batches(self._columns(reader, batches), self._max_rows)

    def encode(self, predictions: np.ndarray, version: Version) -> bytes:
        """The predictions as they are."""
        columns = predictions.reshape(len(predictions), -1).T
        arrays = [Array.from_numpy(np.ascontiguousarray(each)) for each in columns]
        file = io.BytesIO()
        table = Table.from_arrays(arrays, names=answer_columns(version), metadata={"model": version.tag})
        self.write(table, file, version.tag)
        return file.getvalue()

    def _columns(self, reader: RecordBatchReader, batches: Batches) -> Iterator[Mapping[str, Values]]:
        while True:
            with self._valid():
                batch = next(reader, None)
                columns = batches.columns(batch) if batch is not None else None
            if columns is None:
                return
            yield columns

    @contextmanager
    def _valid(self) -> Iterator[None]:
        """Refuse a body that cannot be read. Arrow's panics are no Exception, and its errors no class of their own."""
        try:
            yield
        except (RefusedError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            reason = " ".join(str(error).split())[:160]
            raise RefusedError(400, f"the body is not {self.called} that can be read: {reason}") from None
