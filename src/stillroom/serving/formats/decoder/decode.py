"""Bodies as batches of columns."""

from collections.abc import Callable, Iterator

from arro3.core import RecordBatchReader
from arro3.io import read_ipc, read_ipc_stream, read_parquet

from stillroom.serving.errors import RefusedError, too_many
from stillroom.serving.formats.decoder.columns import Columns
from stillroom.serving.formats.decoder.wire import Batch, Task

# So few that one batch's texts are made in a millisecond: the service makes them between other requests.
BATCH_ROWS = 4096

READERS: dict[str, Callable[[bytes], RecordBatchReader]] = {
    "arrow_stream": read_ipc_stream,
    "arrow_file": read_ipc,
    "parquet": lambda body: read_parquet(body, batch_size=BATCH_ROWS),
}


def decode(task: Task, body: bytes) -> Iterator[Batch]:
    """The columns of a body, some rows at a time; raises RefusedError where they are not what the model takes or too
    many, anything else where the body cannot be read."""
    reader = READERS[task.reader](body)
    columns = Columns(task.inputs)
    columns.check(reader.schema)
    rows = size = 0
    for whole in reader:
        rows += whole.num_rows
        if rows > task.max_rows:
            raise too_many(rows, task.max_rows)
        if whole.nbytes > task.max_bytes:
            raise too_large(task.max_bytes)
        for begin in range(0, whole.num_rows, BATCH_ROWS):
            part = whole.slice(begin, min(BATCH_ROWS, whole.num_rows - begin))
            batch = Batch.of(columns.of(part), part.num_rows)
            size += len(batch)
            if size > task.max_bytes:
                raise too_large(task.max_bytes)
            yield batch
    if rows == 0:
        raise RefusedError(422, "the table holds no row")


def too_large(max_bytes: int) -> RefusedError:
    """The error of a body that is too large once it is decompressed."""
    return RefusedError(413, f"the table takes more than the {max_bytes} bytes that one request may hold when decoded")
