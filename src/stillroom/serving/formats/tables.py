"""The formats of whole tables: Arrow IPC and Parquet.

Sources: https://arrow.apache.org/docs/format/IPC.html, https://parquet.apache.org/docs/file-format.
"""

import io
from abc import abstractmethod
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from arro3.core import Array, Table
from arro3.io import write_ipc, write_ipc_stream, write_parquet

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.base import Format, answer_columns
from stillroom.serving.formats.decoder.wire import Batch, Kind, Task
from stillroom.serving.formats.decoding import SHARED
from stillroom.serving.model import Columns
from stillroom.serving.version import Version


class TableFormat(Format):
    """A format that holds typed columns.

    An answer's table has the column `prediction`, or `probability_<class>` for each class, of 32-bit floats, and the
    model's tag as its metadata `model`. ``max_rows`` and ``max_bytes``, decoded, are what a request may hold.
    """

    waits = True
    called: str
    reader: str  # its name for the decoder

    def __init__(self, max_rows: int, max_bytes: int) -> None:
        self._max_rows, self._max_bytes = max_rows, max_bytes

    @abstractmethod
    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """Write a table and the model's tag."""

    def decode(self, body: bytes, version: Version) -> Iterator[Columns]:
        """One batch after another; types that no column of the model takes are refused by name."""
        if not body:
            raise RefusedError(400, f"the body is empty; send {self.called}")
        inputs = {
            each.name: Kind(each.arrow, issubclass(each.dtype, np.number), each.expected)
            for each in version.signature.inputs
        }
        task = Task(self.reader, inputs, self._max_rows, self._max_bytes)
        return version.reader.batches(map(Batch.read, SHARED.decode(task, body, self.called)), self._max_rows)

    def encode(self, predictions: np.ndarray, version: Version) -> bytes:
        """The predictions as they are, uncompressed, which every reader can read."""
        columns = predictions.reshape(len(predictions), -1).T
        arrays = [Array.from_numpy(np.ascontiguousarray(each)) for each in columns]
        file = io.BytesIO()
        table = Table.from_arrays(arrays, names=answer_columns(version), metadata={"model": version.tag})
        self.write(table, file, version.tag)
        return file.getvalue()


class ArrowStream(TableFormat):
    """Arrow's streaming format, uncompressed or compressed with LZ4 or Zstandard."""

    media_type = "application/vnd.apache.arrow.stream"
    called = "an Arrow IPC stream"
    reader = "arrow_stream"

    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """The tag is in the schema's metadata."""
        write_ipc_stream(table, file, compression=None)


class ArrowFile(TableFormat):
    """Arrow's file format, also known as Feather version 2."""

    media_type = "application/vnd.apache.arrow.file"
    called = "an Arrow IPC file"
    reader = "arrow_file"

    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """The tag is in the schema's metadata."""
        write_ipc(table, file, compression=None)


class Parquet(TableFormat):
    """Flat columns, uncompressed or compressed with Snappy, gzip, Brotli, Zstandard or LZ4_RAW."""

    media_type = "application/vnd.apache.parquet"
    called = "a Parquet file"
    reader = "parquet"

    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """The tag is in the key-value metadata."""
        write_parquet(table, file, key_value_metadata={"model": tag}, dictionary_enabled=False)
