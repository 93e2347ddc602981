"""Arrow IPC streams and files, and Parquet, by pyarrow and polars."""

import base64
import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from serving import onnx_models
from serving.formats.asking import CONFIG, ROWS, ask, in_json
from serving.formats.tables import (
    FILE,
    MEDIA_TYPES,
    PARQUET,
    STREAM,
    TABLE,
    read,
    read_by_polars,
    written,
    written_by_polars,
)
from stillroom.serving.formats.known import known_formats
from stillroom.serving.reader import Reader
from stillroom.serving.settings import ServiceConfig
from stillroom.table.inputs import ImageInput
from stillroom.table.signature import Signature

every_format = pytest.mark.parametrize("media_type", MEDIA_TYPES)
COMPRESSED = [(each, codec) for each in (STREAM, FILE) for codec in (None, "lz4", "zstd")]
COMPRESSED += [(PARQUET, codec) for codec in (None, "snappy", "lz4", "zstd")]


def column(name: str, values: pa.Array, others: pa.Table = TABLE) -> pa.Table:
    """The table with one column in place of its own."""
    return others.set_column(others.schema.get_field_index(name), name, values)


@pytest.mark.parametrize(("media_type", "compression"), COMPRESSED)
def test_the_answer_to_pyarrow_is_the_answer_to_json(media_type: str, compression: str | None) -> None:
    answer = ask(written(TABLE, media_type, batch_rows=2, compression=compression), media_type)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-model-version"] == "v1"
    table = read(answer.content, media_type)
    assert table.schema.names == ["prediction"]
    assert table.schema.field("prediction").type == pa.float32()
    np.testing.assert_array_equal(table["prediction"].to_numpy(), in_json())


@every_format
def test_the_answer_to_polars_is_the_answer_to_json(media_type: str) -> None:
    table = pl.DataFrame(ROWS).with_columns(pl.col("carrier").cast(pl.Categorical))

    answer = ask(written_by_polars(table, media_type), media_type)

    assert answer.status_code == 200, answer.text
    np.testing.assert_array_equal(read_by_polars(answer.content, media_type)["prediction"].to_numpy(), in_json())


@every_format
def test_a_multiclass_answer_has_a_column_for_each_class_and_the_models_tag(media_type: str) -> None:
    answer = ask(written(TABLE, media_type), media_type, onnx=onnx_models.multiclass())

    table = read(answer.content, media_type)
    assert table.schema.names == ["probability_early", "probability_punctual", "probability_late"]
    assert table.schema.metadata[b"model"] == b"stillroom_t:v1"
    np.testing.assert_array_equal(np.stack([*table.columns], axis=1), in_json(onnx=onnx_models.multiclass()))
    if media_type == PARQUET:
        assert pq.read_metadata(io.BytesIO(answer.content)).metadata[b"model"] == b"stillroom_t:v1"


def test_a_table_is_answered_in_any_other_format() -> None:
    answer = ask(written(TABLE, PARQUET), PARQUET, f"text/html, {STREAM};q=0.9, */*;q=0.1")

    assert answer.headers["content-type"] == STREAM
    np.testing.assert_array_equal(read(answer.content, STREAM)["prediction"].to_numpy(), in_json())


TYPES: list[tuple[str, pa.Array, list[Any]]] = [
    ("hour", pa.array([7, None, 9]), [7, None, 9]),
    ("hour", pa.array([7, 8, 9], pa.uint8()), [7, 8, 9]),
    ("hour", pa.array([2**53 + 1, 16_777_217, -(2**60) - 1]), [2**53 + 1, 16_777_217, -(2**60) - 1]),
    ("hour", pa.array([0.1, None, float("nan")]), [0.1, None, None]),
    ("hour", pa.array([0.1, 0.2, 1e-45], pa.float32()), [float(np.float32(each)) for each in (0.1, 0.2, 1e-45)]),
    ("hour", pa.array([0.5, None, 2.5], pa.float16()), [0.5, None, 2.5]),
    ("hour", pa.array([Decimal("0.10"), None, Decimal("-7.30")]), [0.1, None, -7.3]),
    ("hour", pa.array([7, None, 7]).dictionary_encode(), [7, None, 7]),
    ("hour", pa.nulls(3), [None] * 3),
    ("origin", pa.array(["JFK", None, "EWR"]), ["JFK", None, "EWR"]),
    ("origin", pa.array(["JFK", None, "EWR"], pa.large_string()), ["JFK", None, "EWR"]),
    ("origin", pa.array(["JFK", None, "a text longer than a view"], pa.string_view()), ["JFK", None, "a text"]),
    ("origin", pa.array(["JFK", None, "JFK"]).dictionary_encode(), ["JFK", None, "JFK"]),
    ("origin", pa.array([None, None, None], pa.string()).dictionary_encode(), [None] * 3),
    ("origin", pa.array([True, None, False]), [True, None, False]),
    ("origin", pa.array([7, None, 8], pa.int16()), [7, None, 8]),
    ("origin", pa.array([None] * 3, pa.float64()), [None] * 3),
    ("origin", pa.nulls(3), [None] * 3),
]


@every_format
@pytest.mark.parametrize(("name", "values", "as_json"), TYPES, ids=lambda each: str(getattr(each, "type", "")))
def test_each_type_is_read_as_json_would_be(media_type: str, name: str, values: pa.Array, as_json: list) -> None:
    rows = [row | {name: value} for row, value in zip(ROWS, as_json, strict=True)]

    answer = ask(written(column(name, values), media_type), media_type)

    assert answer.status_code == 200, answer.text
    np.testing.assert_array_equal(read(answer.content, media_type)["prediction"].to_numpy(), in_json(rows))


REFUSED: list[tuple[pa.Table, str]] = [
    (
        column("hour", pa.array([1, 2, 3], pa.timestamp("us"))),
        "column hour: expected a number or null, found the type T",
    ),
    (column("hour", pa.array([1, 2, 3], pa.date32())), "column hour: expected a number or null, found the type Date32"),
    (column("hour", pa.array([True] * 3)), "column hour: expected a number or null, found the type Boolean"),
    (column("hour", pa.array(["1"] * 3)), "column hour: expected a number or null, found the type "),
    (
        column("hour", pa.array(["1"] * 3).dictionary_encode()),
        "column hour: expected a number or null, found the type ",
    ),
    (
        column("origin", pa.array([b"1"] * 3)),
        "column origin: expected text, an integer, a boolean or null, found the ty",
    ),
    (
        column("origin", pa.array([1.5, 2, 3])),
        "rows[0], column origin: expected text, an integer, a boolean or null, f",
    ),
    (column("hour", pa.array([1, 2, 1e39])), "rows[2], column hour: 1e+39 is beyond the largest 32-bit float"),
    (
        TABLE.append_column("gate", pa.array([1, 2, 3])),
        'the request has the unknown column "gate"; the model takes: di',
    ),
    (TABLE.append_column("hour", pa.array([1, 2, 3])), "the table has two columns of the name hour"),
    (TABLE.slice(0, 0), "the table holds no row"),
    (pa.table({}), "the table holds no row"),
]


@every_format
@pytest.mark.parametrize(("table", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_a_table_that_does_not_fit_is_refused_by_name(media_type: str, table: pa.Table, sentence: str) -> None:
    answer = ask(written(table, media_type), media_type)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"].startswith(sentence)


@every_format
def test_a_misfit_in_a_later_batch_is_named_by_its_row_in_the_whole(media_type: str) -> None:
    table = pa.table({"hour": pa.array([1.0] * 250 + [1e39])})

    answer = ask(written(table, media_type, batch_rows=100), media_type)

    assert answer.json()["error"].startswith("rows[250], column hour: 1e+39 is beyond")


@every_format
def test_more_rows_than_in_json_are_answered_in_their_order(media_type: str) -> None:
    hours = np.random.default_rng(7).normal(10, 5, 4_321).astype(np.float32)
    carriers = [["UA", "B6", None][index % 3] for index in range(len(hours))]
    table = pa.table({"hour": hours, "carrier": carriers})
    assert len(hours) > CONFIG.max_rows

    answer = ask(written(table, media_type, batch_rows=1_000), media_type)

    predictions = read(answer.content, media_type)["prediction"].to_numpy()
    rows = [{"hour": float(hour), "carrier": carrier} for hour, carrier in zip(hours, carriers, strict=True)]
    for begin in range(0, len(rows), CONFIG.max_rows):
        end = begin + CONFIG.max_rows
        np.testing.assert_array_equal(predictions[begin:end], in_json(rows[begin:end]))


@every_format
def test_more_rows_than_a_batch_may_hold_are_refused(media_type: str) -> None:
    answer = ask(written(TABLE, media_type, batch_rows=1), media_type, config=ServiceConfig(max_batch_rows=2))

    assert answer.status_code == 413
    assert answer.json()["error"] == "3 rows are more than the 2 that one request may hold"


@every_format
def test_a_nested_column_is_refused_by_name(media_type: str) -> None:
    answer = ask(written(column("hour", pa.array([[1], [2], []])), media_type), media_type)

    assert answer.status_code in {400, 422}
    assert "column hour" in answer.json()["error"]


@every_format
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view(), pa.string()])
def test_a_picture_is_read_from_its_bytes_or_from_base64_text(media_type: str, kind: pa.DataType) -> None:
    picture = ImageInput(name="picture", height=1, width=2, channels=1)
    signature = Signature(table="t", task="regression", target="y", inputs=[picture])
    sink = io.BytesIO()
    Image.fromarray(np.array([[51, 52]], np.uint8)).save(sink, "PNG")
    encoded = base64.b64encode(sink.getvalue()).decode() if kind == pa.string() else sink.getvalue()
    table = pa.table({"picture": pa.array([encoded, None], kind)})
    served: Any = SimpleNamespace(signature=signature, reader=Reader(signature, 10, 10))

    (piece,) = known_formats(CONFIG)[media_type].decode(written(table, media_type), served)

    assert piece["picture"].tolist() == [[[[51], [52]]], [[[0], [0]]]]
