"""What a Parquet body says of its size, read without decompressing it.

Parquet's reader allocates what a body declares and cannot be told to stop, so that the sizes that the footer and every
page declare are checked before it is called. Source: parquet.thrift of apache/parquet-format 2.11, whose names the
comments give.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from stillroom.serving.formats.decoder.thrift import CompactReader, Struct

MAGIC = b"PAR1"
MOST_VALUES = 400_000  # about half a second to read
BYTE_ARRAY = 6
# Their decoders keep to the size that a page declares; gzip's and Brotli's do not.
CODECS = {0: "none", 1: "Snappy", 6: "Zstandard", 7: "LZ4_RAW"}
# PLAIN, PLAIN_DICTIONARY, RLE, BIT_PACKED, RLE_DICTIONARY: the others' headers announce sizes of their own.
ENCODINGS = {0, 2, 3, 4, 8}
DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2 = range(4)
HEADERS = {DATA_PAGE: 5, DICTIONARY_PAGE: 7, DATA_PAGE_V2: 8}


@dataclass(frozen=True, slots=True)
class Size:
    """The rows of a table, the bytes that it takes decoded, but for repeated texts, and those of the dictionaries of
    texts of its largest row group."""

    rows: int
    decoded: int
    dictionaries: int


def parquet_size(body: bytes) -> Size:
    """The size of a Parquet file; raises ValueError, IndexError, KeyError, TypeError or struct.error where it is none,
    or holds what is not read here: nested columns, other codecs and encodings."""
    if not (body.startswith(MAGIC) and body.endswith(MAGIC)):
        raise ValueError("it does not begin and end with PAR1")
    (length,) = struct.unpack_from("<I", body, len(body) - 8)
    reader = CompactReader(body, MOST_VALUES)
    reader.position = len(body) - 8 - length
    if reader.position < len(MAGIC):
        raise ValueError("its footer is longer than itself")
    footer = reader.struct()
    columns = _columns(footer[2])
    rows = pages = dictionaries = 0
    for group in footer[4]:  # row_groups
        if len(group[1]) != columns:
            raise ValueError("a row group has other columns than the schema")
        rows += _whole(group[3])
        sizes = [_chunk(reader, chunk[3], group[3], len(body)) for chunk in group[1]]
        pages += sum(size for size, _ in sizes)
        dictionaries = max(dictionaries, sum(size for _, size in sizes))
    return Size(rows, max(pages, 8 * rows * columns), dictionaries)


def _columns(schema: list[Struct]) -> int:
    """The number of columns of a flat schema, whose first element is the table itself."""
    table, *columns = schema
    if nested := next((each for each in columns if each.get(5)), None):  # num_children
        raise ValueError(f"the column {nested[4].decode()[:40]} is nested")
    if table.get(5, 0) != len(columns):
        raise ValueError("its schema announces other columns than it has")
    return len(columns)


def _chunk(reader: CompactReader, column: Struct, rows: int, end: int) -> tuple[int, int]:
    """The bytes of a column's pages in a row group, and of its dictionary where it is one of texts."""
    if column[4] not in CODECS:
        raise ValueError(f"its codec is not one of: {', '.join(CODECS.values())}")
    start = column[11] if 11 in column else column[9]  # dictionary_page_offset, data_page_offset
    size = dictionary = values = 0
    for page in _pages(reader, start, _whole(column[7]), end):
        size += _whole(page[2])  # uncompressed_page_size
        if page[1] == INDEX_PAGE:
            continue
        header = page[HEADERS[page[1]]]
        if header[4 if page[1] == DATA_PAGE_V2 else 2] not in ENCODINGS:
            raise ValueError("a page's encoding is neither plain nor a dictionary's")
        if page[1] != DICTIONARY_PAGE:
            values += _whole(header[1])
        elif _whole(header[1]) > page[2]:
            raise ValueError("a dictionary announces more values than it has bytes")
        elif column[1] == BYTE_ARRAY:
            dictionary += page[2]
    if values != rows:
        raise ValueError("the pages of a column hold another number of rows than their row group")
    return size, dictionary


def _pages(reader: CompactReader, start: int, length: int, end: int) -> Iterator[Struct]:
    """The headers of a column's pages: each is followed by as many bytes as it says."""
    reader.position = _whole(start)
    stop = start + length
    if stop > end:
        raise ValueError("it ends before what it announces")
    while reader.position < stop:
        page = reader.struct()
        yield page
        reader.position += _whole(page[3])  # compressed_page_size
    if reader.position != stop:
        raise ValueError("a column's pages are longer than it announces")


def _whole(number: int) -> int:
    if number < 0:
        raise ValueError("it announces a size below 0")
    return number
