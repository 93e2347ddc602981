"""Parquet (https://parquet.apache.org/docs/file-format)."""

from typing import BinaryIO

from arro3.core import RecordBatchReader, Table
from arro3.io import read_parquet, write_parquet

from stillroom.serving.formats.batches import too_large
from stillroom.serving.formats.parquet_size import parquet_size
from stillroom.serving.formats.tables import TableFormat
from stillroom.serving.reader import too_many

MOST_BATCH_ROWS = 8192


class Parquet(TableFormat):
    """Flat columns, plain or by dictionary, uncompressed or compressed with Snappy, Zstandard or LZ4_RAW."""

    media_type = "application/vnd.apache.parquet"
    called = "a Parquet file"

    def open(self, body: bytes) -> RecordBatchReader:
        """Batches of so few rows that each may repeat the whole of a dictionary, which a few bytes can say."""
        size = parquet_size(body)
        if size.rows > self._max_rows:
            raise too_many(size.rows, self._max_rows)
        if size.decoded > self._max_bytes:
            raise too_large(self._max_bytes)
        rows = self._max_bytes // max(1, size.dictionaries)
        return read_parquet(body, batch_size=min(max(rows, 1), MOST_BATCH_ROWS))

    def write(self, table: Table, file: BinaryIO, tag: str) -> None:
        """The tag is in the key-value metadata."""
        write_parquet(table, file, key_value_metadata={"model": tag}, dictionary_enabled=False)
