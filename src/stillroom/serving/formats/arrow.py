"""Arrow IPC, as a stream or a file (https://arrow.apache.org/docs/format/IPC.html)."""

from collections.abc import Iterable
from typing import BinaryIO

from arro3.core import RecordBatchReader, Table
from arro3.io import read_ipc, read_ipc_stream, write_ipc, write_ipc_stream

from stillroom.serving.formats.batches import too_large
from stillroom.serving.formats.ipc_size import Batch, file_batches, stream_batches
from stillroom.serving.formats.tables import TableFormat
from stillroom.serving.reader import too_many


class Arrow(TableFormat):
    """Uncompressed or compressed with LZ4 or Zstandard; answers are not compressed, which every reader can read."""

    def _check(self, batches: Iterable[Batch]) -> None:
        rows = size = 0
        for batch in batches:
            rows, size = rows + batch.rows, size + batch.size
            if rows > self._max_rows:
                raise too_many(rows, self._max_rows)
            if size > self._max_bytes:
                raise too_large(self._max_bytes)


class ArrowStream(Arrow):
    """The streaming format."""

    media_type = "application/vnd.apache.arrow.stream"
    called = "an Arrow IPC stream"

    def open(self, body: bytes) -> RecordBatchReader:
        """The batches in their order."""
        self._check(stream_batches(body))
        return read_ipc_stream(body)

    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """The tag is in the schema's metadata."""
        write_ipc_stream(table, file, compression=None)


class ArrowFile(Arrow):
    """The file format, also known as Feather version 2."""

    media_type = "application/vnd.apache.arrow.file"
    called = "an Arrow IPC file"

    def open(self, body: bytes) -> RecordBatchReader:
        """The batches in the order of the footer."""
        self._check(file_batches(body))
        return read_ipc(body)

    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """The tag is in the schema's metadata."""
        write_ipc(table, file, compression=None)
