"""Tables as users' own clients write them, and the bodies and answers of each format by those clients."""

import io
from collections.abc import Callable

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from serving.formats.asking import ROWS
from stillroom.serving.formats.tables import ArrowFile, ArrowStream, Parquet

STREAM, FILE, PARQUET = ArrowStream.media_type, ArrowFile.media_type, Parquet.media_type
MEDIA_TYPES = [STREAM, FILE, PARQUET]
TABLE = pa.Table.from_pylist(ROWS)


def written(table: pa.Table, media_type: str, batch_rows: int | None = None, compression: str | None = None) -> bytes:
    """A table as pyarrow writes it, in batches or row groups of ``batch_rows`` rows."""
    sink = io.BytesIO()
    if media_type == PARQUET:
        pq.write_table(table, sink, row_group_size=batch_rows, compression=compression or "none")
        return sink.getvalue()
    new = pa.ipc.new_stream if media_type == STREAM else pa.ipc.new_file
    with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table, batch_rows)
    return sink.getvalue()


def read(body: bytes, media_type: str) -> pa.Table:
    """A table as pyarrow reads it."""
    if media_type == PARQUET:
        return pq.read_table(io.BytesIO(body))
    return (pa.ipc.open_stream if media_type == STREAM else pa.ipc.open_file)(body).read_all()


def written_by_polars(table: pl.DataFrame, media_type: str) -> bytes:
    """A table as polars writes it."""
    sink = io.BytesIO()
    write: dict[str, Callable[[io.BytesIO], object]] = {
        STREAM: table.write_ipc_stream,
        FILE: table.write_ipc,
        PARQUET: table.write_parquet,
    }
    write[media_type](sink)
    return sink.getvalue()


def read_by_polars(body: bytes, media_type: str) -> pl.DataFrame:
    """A table as polars reads it."""
    return {STREAM: pl.read_ipc_stream, FILE: pl.read_ipc, PARQUET: pl.read_parquet}[media_type](io.BytesIO(body))
