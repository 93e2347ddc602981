"""Bodies as columns."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from arro3.core import RecordBatchReader
from arro3.io import read_ipc, read_ipc_stream, read_parquet

from stillroom.serving.errors import RefusedError, too_many
from stillroom.serving.formats.decoder.batches import Batches, Kind, Values, too_large
from stillroom.serving.formats.decoder.ipc_size import Batch, file_batches, stream_batches
from stillroom.serving.formats.decoder.parquet_size import parquet_size

MOST_BATCH_ROWS = 8192


class Task(NamedTuple):
    """A body, how to read it (a key of READERS), the model's inputs, and what it may hold."""

    reader: str
    body: bytes
    inputs: Mapping[str, Kind]
    max_rows: int
    max_bytes: int


def decode(task: Task) -> list[Mapping[str, Values]]:
    """The columns of each batch; raises RefusedError where they are not what the model takes or too many, anything
    else where the body cannot be read."""
    reader = READERS[task.reader](task)
    batches = Batches(task.inputs, task.max_bytes)
    batches.check(reader.schema)
    return [batches.columns(batch) for batch in reader]


def arrow_stream(task: Task) -> RecordBatchReader:
    """The batches of an Arrow IPC stream."""
    _check(list(stream_batches(task.body)), task)
    return read_ipc_stream(task.body)


def arrow_file(task: Task) -> RecordBatchReader:
    """The batches of an Arrow IPC file, in the order of its footer."""
    _check(list(file_batches(task.body)), task)
    return read_ipc(task.body)


def parquet(task: Task) -> RecordBatchReader:
    """Batches of so few rows that each may repeat the whole of a dictionary, which a few bytes can say."""
    size = parquet_size(task.body)
    _check([Batch(size.rows, size.decoded)], task)
    rows = task.max_bytes // max(1, size.dictionaries)
    return read_parquet(task.body, batch_size=min(max(rows, 1), MOST_BATCH_ROWS))


READERS: dict[str, Callable[[Task], RecordBatchReader]] = {
    each.__name__: each for each in (arrow_stream, arrow_file, parquet)
}


def _check(batches: list[Batch], task: Task) -> None:
    rows = sum(batch.rows for batch in batches)
    if rows > task.max_rows:
        raise too_many(rows, task.max_rows)
    if sum(batch.size for batch in batches) > task.max_bytes:
        raise too_large(task.max_bytes)
    if rows == 0:
        raise RefusedError(422, "the table holds no row")
