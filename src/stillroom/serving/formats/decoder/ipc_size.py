"""What an Arrow IPC body says of its size, read without decompressing it.

Arrow's reader allocates what a body declares and cannot be told to stop, so that the declared sizes are checked before
it is called. Sources: Arrow columnar format 1.5, "Serialization and Interprocess Communication", Message.fbs, File.fbs.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stillroom.serving.formats.decoder.flatbuffer import Table
from stillroom.serving.formats.decoder.lz4_size import check_frame

MAGIC = b"ARROW1"
CONTINUATION = -1
DICTIONARY_BATCH, RECORD_BATCH = 2, 3
LZ4 = 0
NOT_COMPRESSED = -1
BLOCK = np.dtype([("offset", "<i8"), ("metadata", "<i4"), ("padding", "<i4"), ("body", "<i8")])
BUFFER = np.dtype([("offset", "<i8"), ("length", "<i8")])


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of a record batch, 0 for a dictionary, and the bytes of its decompressed buffers."""

    rows: int
    size: int


def stream_batches(body: bytes) -> Iterator[Batch]:
    """The batches of a stream; raises ValueError or struct.error where it is none."""
    view, position = memoryview(body), 0
    while position < len(view):
        (length,) = struct.unpack_from("<i", view, position)
        if length == CONTINUATION:
            position += 4
            (length,) = struct.unpack_from("<i", view, position)
        position += 4
        if length == 0:
            return
        message = Table.root(_part(view, position, length))
        position += length
        declared = message.number(3, "q")
        yield from _batch(message, _part(view, position, declared))
        position += declared


def file_batches(body: bytes) -> Iterator[Batch]:
    """The batches of a file, which its footer lists; raises ValueError or struct.error where it is none."""
    if not (body.startswith(MAGIC) and body.endswith(MAGIC)):
        raise ValueError("it does not begin and end with ARROW1")
    view = memoryview(body)
    end = len(view) - 10
    (length,) = struct.unpack("<i", _part(view, end, 4))
    footer = Table.root(_part(view, end - length, length))
    for field in (2, 3):  # dictionaries, record batches
        for offset, metadata, _, size in footer.vector(field, BLOCK).tolist():
            (first,) = struct.unpack("<i", _part(view, offset, 4))
            prefix = 8 if first == CONTINUATION else 4
            message = Table.root(_part(view, offset + prefix, metadata - prefix))
            yield from _batch(message, _part(view, offset + metadata, size))


def _batch(message: Table, body: memoryview) -> Iterator[Batch]:
    kind, header = message.number(1, "B"), message.table(2)
    if header is None or kind not in (DICTIONARY_BATCH, RECORD_BATCH):
        return
    batch = header if kind == RECORD_BATCH else header.table(1)
    if batch is None:
        raise ValueError("a dictionary has no values")
    rows = batch.number(0, "q")
    if rows < 0:
        raise ValueError("a batch has less than no row")
    yield Batch(rows if kind == RECORD_BATCH else 0, _size(batch, body))


def _size(batch: Table, body: memoryview) -> int:
    compression = batch.table(3)
    buffers = [_part(body, offset, length) for offset, length in batch.vector(2, BUFFER).tolist()]
    if compression is None:
        return sum(map(len, buffers))
    codec = compression.number(0, "b")
    return sum(_decompressed(buffer, codec) for buffer in buffers if buffer)


def _decompressed(buffer: memoryview, codec: int) -> int:
    """The bytes of one buffer, which its first eight say. Zstandard's decoder keeps to them, LZ4's does not."""
    (declared,) = struct.unpack_from("<q", buffer)
    if declared == NOT_COMPRESSED:
        return len(buffer) - 8
    if declared < 0:
        raise ValueError("a buffer has less than no byte")
    if codec == LZ4 and declared:
        check_frame(buffer[8:], declared)
    return declared


def _part(body: memoryview, offset: int, length: int) -> memoryview:
    if offset < 0 or length < 0 or offset + length > len(body):
        raise ValueError("it ends before what it announces")
    return body[offset : offset + length]
