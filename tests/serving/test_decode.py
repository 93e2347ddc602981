import json

import numpy as np
import pytest

from stillroom.serving.decode import Decoder
from stillroom.serving.errors import RefusedError
from stillroom.table.signature import Signature
from table.tables import inputs

SIGNATURE = Signature(table="t", task="binary", target="y", inputs=inputs(["distance", "hour"], ["carrier"]))


def decode(body: bytes | dict) -> dict[str, list]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {name: column.tolist() for name, column in Decoder(SIGNATURE, max_rows=3).decode(text).items()}


def refused(body: bytes | dict) -> tuple[int, str]:
    with pytest.raises(RefusedError) as error:
        decode(body)
    return error.value.status, error.value.sentence


def test_rows_become_columns_of_the_models_types() -> None:
    rows = [{"distance": 1.5, "hour": 7, "carrier": "UA"}, {"carrier": "B6", "hour": 8.25, "distance": 2}]

    columns = Decoder(SIGNATURE, max_rows=3).decode(json.dumps({"rows": rows}).encode())

    assert {name: (column.dtype.str, column.shape) for name, column in columns.items()} == {
        "distance": ("<f4", (2, 1)),
        "hour": ("<f4", (2, 1)),
        "carrier": ("|O", (2, 1)),
    }
    assert columns["distance"].tolist() == [[1.5], [2.0]]
    assert columns["hour"].tolist() == [[7.0], [8.25]]
    assert columns["carrier"].tolist() == [["UA"], ["B6"]]


@pytest.mark.parametrize("row", [{}, {"distance": None, "hour": None, "carrier": None}])
def test_absent_keys_and_null_are_missing_values(row: dict) -> None:
    columns = decode({"rows": [row]})

    assert np.isnan([columns["distance"], columns["hour"]]).all()
    assert columns["carrier"] == [[""]]


def test_a_bare_nan_is_missing_but_text_is_left_alone() -> None:
    columns = decode(b'{"rows": [{"distance": NaN, "hour": 1, "carrier": "say \\"NaN\\": NaN"}]}')

    assert np.isnan(columns["distance"]).all()
    assert columns["hour"] == [[1.0]]
    assert columns["carrier"] == [['say "NaN": NaN']]


@pytest.mark.parametrize(("code", "text"), [(7, "7"), (True, "true"), (False, "false"), ("7", "7"), ("é\0", "é\0")])
def test_category_codes_become_text(code: int | bool | str, text: str) -> None:
    assert decode({"rows": [{"carrier": code}]})["carrier"] == [[text]]


def test_large_numbers_within_float32_are_kept() -> None:
    assert decode(b'{"rows": [{"distance": 123456789012345678901234567890}]}')["distance"] == [
        [np.float32(123456789012345678901234567890)]
    ]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("12", 'the text "12"'),
        ("x" * 60, f'the text "{"x" * 40}…"'),
        (True, "the boolean true"),
        ([1], "a non-empty list"),
        ({}, "an empty object"),
    ],
)
def test_a_numeric_column_refuses_what_is_no_number(value: object, found: str) -> None:
    rows = [{"hour": 1}, {"hour": value}]

    assert refused({"rows": rows}) == (422, f"rows[1], column hour: expected a number or null, found {found}")


@pytest.mark.parametrize(("value", "found"), [(1.5, "the number 1.5"), ([], "an empty list")])
def test_a_categorical_column_refuses_what_is_no_category(value: object, found: str) -> None:
    sentence = f"rows[0], column carrier: expected text, an integer, a boolean or null, found {found}"

    assert refused({"rows": [{"carrier": value}]}) == (422, sentence)


@pytest.mark.parametrize("number", ["3.5e38", "-1e39"])
def test_a_number_beyond_float32_is_refused(number: str) -> None:
    status, sentence = refused(f'{{"rows": [{{}}, {{"hour": {number}}}]}}'.encode())

    assert status == 422
    assert sentence.startswith("rows[1], column hour: ")
    assert "beyond the largest 32-bit float" in sentence


def test_an_unknown_column_is_refused_with_those_that_are_known() -> None:
    sentence = 'rows[1] has the unknown column "dep_delay"; the model takes: distance, hour, carrier'

    assert refused({"rows": [{}, {"hour": 1, "dep_delay": 3}]}) == (422, sentence)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "the body is empty"),
        (b" \n", 400, "the body is empty"),
        (b'{"rows": [', 400, "not valid JSON"),
        (b"\xff", 400, "not valid JSON"),
        (b'{"rows": [{"hour": Infinity}]}', 400, "not valid JSON"),
        (b'{"rows": [{"hour": -Infinity, "distance": NaN}]}', 400, "not valid JSON"),
        (b'{"rows": [{"hour": 1e999}]}', 400, "not valid JSON"),
        (b'{"rows": [{"carrier": "\\ud800"}]}', 400, "not valid JSON"),
        (b"[" * 100_000, 400, "not valid JSON"),
        (b"[]", 422, 'the single key "rows"'),
        (b'"rows"', 422, 'the single key "rows"'),
        (b"{}", 422, 'the single key "rows"'),
        (b'{"rows": [{}], "columns": []}', 422, 'the single key "rows"'),
        (b'{"rows": []}', 422, "found an empty list"),
        (b'{"rows": {"hour": 1}}', 422, "found a non-empty object"),
        (b'{"rows": null}', 422, "found null"),
        (b'{"rows": [{}, 3]}', 422, "rows[1] must be an object of columns, found the number 3"),
        (b'{"rows": [{}, {}, {}, {}]}', 413, "4 rows are more than the 3"),
    ],
)
def test_a_body_that_is_no_rows_is_refused(body: bytes, status: int, words: str) -> None:
    refused_status, sentence = refused(body)

    assert refused_status == status
    assert words in sentence
    assert "\n" not in sentence


def test_a_model_without_categories_or_without_numbers_is_served_too() -> None:
    numbers = Decoder(Signature(table="t", task="regression", target="y", inputs=inputs(["a"])), 10)
    texts = Decoder(Signature(table="t", task="regression", target="y", inputs=inputs([], ["a"])), 10)

    assert numbers.decode(b'{"rows": [{"a": 1}]}')["a"].tolist() == [[1.0]]
    assert texts.decode(b'{"rows": [{"a": "x"}]}')["a"].tolist() == [["x"]]
