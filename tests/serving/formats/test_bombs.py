"""Bodies that lie about their size: refused before anything of that size is made."""

import io
import struct
import tracemalloc
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.formats.asking import ask
from serving.formats.tables import FILE, MEDIA_TYPES, PARQUET, STREAM, TABLE, read, written
from stillroom.serving.settings import ServiceConfig

CONFIG = ServiceConfig(max_batch_rows=200_000, max_batch_bytes=2**20, deadline_seconds=60)
TOO_LARGE = "the table takes more than the 1048576 bytes that one request may hold when decoded"
ZEROS = pa.table({"hour": np.zeros(150_000)})


def refused(body: bytes, media_type: str, config: ServiceConfig = CONFIG) -> tuple[int, str]:
    answer = ask(body, media_type, config=config)
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_a_small_body_that_decompresses_to_a_large_one_is_refused(media_type: str, compression: str) -> None:
    body = written(ZEROS, media_type, compression=compression)

    assert len(body) < 30_000
    assert refused(body, media_type) == (413, TOO_LARGE)


@pytest.mark.parametrize("media_type", [STREAM, FILE])
@pytest.mark.parametrize("compression", ["lz4", "zstd"])
@pytest.mark.parametrize("lie", [8, 799_999, 800_001, 2**50, 2**62, -2])
def test_a_buffer_that_lies_about_its_length_is_refused(media_type: str, compression: str, lie: int) -> None:
    table = pa.table({"hour": np.zeros(100_000)})
    body = written(table, media_type, compression=compression)
    assert body.count(struct.pack("<q", 800_000)) == 1

    status, sentence = refused(body.replace(struct.pack("<q", 800_000), struct.pack("<q", lie)), media_type)

    assert status in {400, 413}
    assert sentence.startswith(("the body is not an Arrow IPC", "the table takes more than"))


@pytest.mark.parametrize("lie", [2**31 - 1, 2**31, 2**40, 2**63 - 1])
@pytest.mark.parametrize("media_type", [STREAM, FILE])
def test_a_batch_that_lies_about_its_rows_is_refused(media_type: str, lie: int) -> None:
    rows = 4_321
    body = written(pa.table({"hour": np.ones(rows)}), media_type)

    status, _ = refused(body.replace(struct.pack("<q", rows), struct.pack("<q", lie)), media_type)

    assert status in {400, 413}


@pytest.mark.parametrize("lie", [-1, 0x7FFFFFFF, 0x7FFFFFF0])
def test_a_message_that_lies_about_its_length_is_refused(lie: int) -> None:
    body = bytearray(written(TABLE, STREAM))
    struct.pack_into("<i", body, 4, lie)

    status, sentence = refused(bytes(body), STREAM)

    assert status == 400
    assert sentence.startswith("the body is not an Arrow IPC stream that can be read: ")


def test_views_that_all_show_the_same_bytes_are_refused() -> None:
    """200 rows of one text of 100 kB: 20 MB in a body of 120 kB."""
    text = pa.py_buffer(b"x" * 100_000)
    view = struct.pack("<i4sii", 100_000, b"xxxx", 0, 0)
    views = pa.Array.from_buffers(pa.string_view(), 200, [None, pa.py_buffer(view * 200), text])
    body = written(pa.table({"carrier": views}), STREAM)

    assert len(body) < 200_000
    assert refused(body, STREAM) == (413, TOO_LARGE)


def test_a_dictionary_of_long_texts_is_read_once() -> None:
    indices, values = pa.array([0] * 1_000, pa.int32()), pa.array(["x" * 100_000])
    table = pa.table({"carrier": pa.DictionaryArray.from_arrays(indices, values)})

    tracemalloc.start()
    answer = ask(written(table, STREAM), STREAM, config=CONFIG)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer.status_code == 200
    assert most < 5_000_000


def test_a_parquet_dictionary_that_a_few_bytes_repeat_is_refused() -> None:
    table = pa.table({"carrier": ["x" * 10_000] * 5_000})
    body = written(table, PARQUET)

    assert len(body) < 40_000
    assert refused(body, PARQUET) == (413, TOO_LARGE)


@pytest.mark.parametrize("compression", ["gzip", "brotli", "zstd", "lz4"])
def test_a_parquet_page_that_decompresses_to_more_than_the_decoder_may_take_ends_only_the_decoder(
    compression: str,
) -> None:
    sink = io.BytesIO()
    zeros = pa.table({"hour": np.zeros(30_000_000)})
    options = {"use_dictionary": False, "data_page_size": 2**30, "write_batch_size": 2**30}
    pq.write_table(zeros, sink, compression=compression, row_group_size=2**30, **options)

    status, sentence = refused(sink.getvalue(), PARQUET, ServiceConfig(max_batch_rows=10**9, max_batch_bytes=2**20))

    assert (status, sentence[:40]) in {(400, "the body is not a Parquet file that can "), (413, TOO_LARGE[:40])}
    assert ask(written(TABLE, PARQUET), PARQUET).status_code == 200


def test_a_parquet_dictionary_that_stands_for_gigabytes_ends_only_the_decoder() -> None:
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array(["x" * 1_000_000]))
    sink = io.BytesIO()
    pq.write_table(pa.table({"carrier": values}), sink, store_schema=False)
    assert sink.tell() < 100_000

    status, sentence = refused(sink.getvalue(), PARQUET)

    assert (status, sentence.rpartition(": ")[2]) == (400, "its decoder gave up on it")
    assert ask(written(TABLE, PARQUET), PARQUET).status_code == 200


@pytest.mark.parametrize("options", [{"compression": "gzip"}, {"column_encoding": "DELTA_BINARY_PACKED"}])
def test_parquets_other_codecs_and_encodings_are_read(options: dict) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"hour": [1, 2]}), sink, use_dictionary="column_encoding" not in options, **options)

    assert read(ask(sink.getvalue(), PARQUET).content, PARQUET).num_rows == 2


def lying_footer(number: int, lie: int) -> bytes:
    """A Parquet file whose footer has another number of rows, in Thrift's zigzag bytes."""
    body = written(pa.table({"hour": np.ones(number)}), PARQUET)
    return body.replace(varint(2 * number), varint(2 * lie))


def varint(number: int) -> bytes:
    digits = []
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])


@pytest.mark.parametrize("lie", [100_000, 131_000, 2_000_000])
def test_the_rows_that_are_there_count_and_not_those_that_a_footer_announces(lie: int) -> None:
    status, sentence = refused(lying_footer(130_000, lie), PARQUET, ServiceConfig(max_batch_rows=129_000))

    assert (status, sentence[:20]) in {
        (413, "131072 rows are more"),
        (413, "130000 rows are more"),
        (400, "the body is not a Pa"),
    }


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("keep", [0, 1, 7, 8, 40, 0.3, 0.9, -1])
def test_a_truncated_body_is_refused(media_type: str, keep: float) -> None:
    whole = written(TABLE, media_type, batch_rows=1)

    status, sentence = refused(whole[: int(keep * len(whole)) if 0 < keep < 1 else int(keep)], media_type)

    assert status in {400, 422}
    assert sentence.startswith(("the body is not a", "the body is empty; send a", "the table holds no row"))


@pytest.mark.parametrize("nest", [pa.list_, lambda kind: pa.struct([("a", kind)])])
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_deeply_nested_column_is_refused(media_type: str, nest: Callable[[pa.DataType], pa.DataType]) -> None:
    kind = pa.int8()
    for _ in range(60):
        kind = nest(kind)

    status, _ = refused(written(pa.table({"hour": pa.nulls(2, kind)}), media_type), media_type)

    assert status in {400, 422}
