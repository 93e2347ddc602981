import json

import numpy as np
import pytest

from serving.read import read
from stillroom.serving.errors import RefusedError
from stillroom.serving.reader import Reader
from stillroom.table.signature import Signature
from table.tables import inputs

SIGNATURE = Signature(table="t", task="binary", target="y", inputs=inputs(["distance", "hour"], ["carrier"]))


def decode(body: bytes | dict) -> dict[str, list]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {name: column.tolist() for name, column in read(text, SIGNATURE, max_rows=3).items()}


def refused(body: bytes | dict) -> tuple[int, str]:
    with pytest.raises(RefusedError) as error:
        decode(body)
    return error.value.status, error.value.sentence


def test_rows_become_columns_of_the_models_types() -> None:
    rows = [{"distance": 1.5, "hour": 7, "carrier": "UA"}, {"carrier": "B6", "hour": 8.25, "distance": 2}]

    columns = read(json.dumps({"rows": rows}).encode(), SIGNATURE, max_rows=3)

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
        (b"[]", 422, 'the single key "rows" or "columns"'),
        (b'"rows"', 422, 'the single key "rows" or "columns"'),
        (b"{}", 422, 'the single key "rows" or "columns"'),
        (b'{"rows": [{}], "columns": []}', 422, 'the single key "rows" or "columns"'),
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
    numbers = Signature(table="t", task="regression", target="y", inputs=inputs(["a"]))
    texts = Signature(table="t", task="regression", target="y", inputs=inputs([], ["a"]))

    assert read(b'{"rows": [{"a": 1}]}', numbers, 10)["a"].tolist() == [[1.0]]
    assert read(b'{"rows": [{"a": "x"}]}', texts, 10)["a"].tolist() == [["x"]]


def test_a_large_request_is_read_in_pieces_that_name_rows_by_their_place_in_the_whole() -> None:
    rows = [{"hour": hour, "carrier": "UA"} for hour in range(10)]
    columns = read(json.dumps({"rows": rows}).encode(), SIGNATURE, max_rows=10, chunk_rows=3)
    assert columns["hour"].ravel().tolist() == list(range(10))
    rows[7]["hour"] = "late"
    with pytest.raises(RefusedError, match=r"rows\[7\], column hour: expected a number or null"):
        read(json.dumps({"rows": rows}).encode(), SIGNATURE, max_rows=10, chunk_rows=3)


def test_columns_are_read_by_the_rules_of_rows() -> None:
    reader = Reader(SIGNATURE, max_rows=10, chunk_rows=2)
    given = {"distance": [1, None, 2.5], "carrier": ["UA", None, 7]}
    first, second = reader.columns(given)
    assert np.isnan(np.concatenate([first["hour"], second["hour"]])).all()
    assert [*first["carrier"].ravel(), *second["carrier"].ravel()] == ["UA", "", "7"]
    arrays = {"distance": np.array([1, np.nan, 2.5]), "carrier": np.array(["UA", None, 7], object)}
    for name, pieces in zip(("distance", "carrier"), ((first, second),) * 2, strict=True):
        whole = np.concatenate([piece[name] for piece in reader.columns(arrays)])
        np.testing.assert_array_equal(whole, np.concatenate([piece[name] for piece in pieces]))


@pytest.mark.parametrize(
    ("columns", "status", "words"),
    [
        ({"hour": [1, 2], "gate": [1, 2]}, 422, 'the unknown column "gate"; the model takes: distance, hour, carrier'),
        ({"hour": [1, 2], "distance": [1]}, 422, "of different lengths"),
        ({"hour": []}, 422, "hold no row"),
        ({}, 422, "hold no row"),
        ({"hour": [1] * 11}, 413, "11 rows are more than the 10"),
        ({"hour": [1, "x"]}, 422, "rows[1], column hour: expected a number"),
        ({"hour": np.array([0, 1, 1e39])}, 422, "rows[2], column hour: 1e+39 is beyond"),
        ({"hour": np.array([1, np.inf])}, 422, "rows[1], column hour: inf is beyond"),
        ({"carrier": np.array([1.5])}, 422, "rows[0], column carrier: expected text"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: dict, status: int, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        list(Reader(SIGNATURE, max_rows=10, chunk_rows=256).columns(columns))
    assert refused.value.status == status
    assert words in refused.value.sentence
