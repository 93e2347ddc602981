"""The quick way to read JSON rows, held against the slow one, which explains what it refuses."""

import json
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.json import Json
from stillroom.serving.pieces import together
from stillroom.serving.reader import Reader
from stillroom.table.signature import Signature
from table.tables import inputs

SIGNATURE = Signature(table="t", task="binary", target="y", inputs=inputs(["distance", "hour"], ["carrier"]))
VERSION: Any = SimpleNamespace(reader=Reader(SIGNATURE, max_rows=5, chunk_rows=2))

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["1E5", "-0", "-0.0", "1e400", "1e-400", "3.4028235677973366e38", "01", "1.", ".5", "NaN", "+1"]),
)
TEXTS = st.one_of(
    st.text(max_size=8).map(json.dumps),
    st.text(max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from([r'"\ud83d\ude00"', r'"\ud800"', r'"\/"', r'"\x"', '"\n"', r'"\u0000"']),
)
VALUES = st.one_of(NUMBERS, TEXTS, st.sampled_from(["null", "true", "false", "[]", "{}", "[1]"]))


def written(row: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in row) + "}"


def body(rows: list[str]) -> bytes:
    return ('{"rows": [' + ", ".join(rows) + "]}").encode("utf-8", "surrogatepass")


KEYS = st.sampled_from(['"distance"', '"hour"', '"carrier"', r'"h\u006fur"', '"gate"'])
ROWS = st.lists(st.lists(st.tuples(KEYS, VALUES), max_size=4).map(written), max_size=6).map(body)
FITTING_ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            '"distance"': st.floats(-1e38, 1e38).map(repr),
            '"hour"': st.one_of(st.integers(-(2**80), 2**80).map(str), st.just("null")),
            '"carrier"': st.one_of(TEXTS, st.integers(-(2**70), 2**70).map(str), st.sampled_from(["true", "null"])),
        },
    ).map(lambda row: written(row.items())),
    min_size=1,
    max_size=5,
).map(body)


def outcome(decode: Any, given: bytes) -> Any:
    """What comes of a body: arrays by name, or status and sentence."""
    try:
        columns = together([together([piece]) for piece in decode(given, VERSION)])
    except RefusedError as refused:
        return refused.status, refused.sentence
    return {name: (c.dtype, c.shape, c.tolist() if c.dtype == object else c.tobytes()) for name, c in columns.items()}


@hypothesis.settings(max_examples=500, deadline=None)
@hypothesis.given(st.one_of(ROWS, FITTING_ROWS))
def test_both_ways_say_the_same_of_any_rows(given: bytes) -> None:
    assert outcome(Json().decode, given) == outcome(Json().explained, given)


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"\xff",
        b'{"rows": [{"carrier": "\xff"}]}',
        b'{"rows": [{"carrier": "\xed\xa0\x80"}]}',
        b'\xef\xbb\xbf{"rows": [{"hour": 1}]}',
        b'{"rows": [{"hour": 1}], "rows": [{"hour": 2}]}',
        b'{"rows": [{"hour": 1, "hour": null}]}',
        b'{"rows": [{"hour": 1}]} ',
        b'{"rows": [{"hour": 1}]}x',
        b'{"rows": [{"hour": NaN}]}',
        b'{"rows": []}',
        b'{"rows": [{"gate": 1}]}',
        b'{"columns": {"hour": [1, 2, 3]}}',
        b'{"rows": [{"hour": ' + b"[" * 100_000,
    ],
)
def test_both_ways_say_the_same_of_odd_bodies(given: bytes) -> None:
    assert outcome(Json().decode, given) == outcome(Json().explained, given)


def test_fitting_rows_are_read_the_quick_way_whatever_the_order_of_their_keys() -> None:
    records = VERSION.reader.records(b'{"rows": [{"carrier": 7, "hour": 1}, {}, {"distance": 2.5, "carrier": "UA"}]}')

    pieces = list(records)
    assert [len(piece) for piece in pieces] == [2, 1]
    columns = together(pieces)
    np.testing.assert_array_equal(columns["distance"], [[np.nan], [np.nan], [2.5]])
    np.testing.assert_array_equal(columns["hour"], [[1], [np.nan], [np.nan]])
    assert columns["carrier"].tolist() == [["7"], [""], ["UA"]]


def test_a_row_that_does_not_fit_is_named_by_its_number_in_the_request() -> None:
    first, second = VERSION.reader.records(b'{"rows": [{}, {}, {}, {"hour": 1e39}]}')
    assert together([first])["carrier"].tolist() == [[""], [""]]
    with pytest.raises(RefusedError, match=r"^rows\[3\], column hour: 1e\+39 is beyond"):
        together([second])


def test_a_model_with_a_column_that_has_a_quote_in_its_name_is_read_the_slow_way() -> None:
    signature = Signature(table="t", task="binary", target="y", inputs=inputs(['5" pipes'], []))
    version: Any = SimpleNamespace(reader=Reader(signature, max_rows=5, chunk_rows=2))
    given = json.dumps({"rows": [{'5" pipes': 3}]}).encode()

    assert version.reader.records(given) is None
    assert together(list(Json().decode(given, version)))['5" pipes'] == [[3.0]]
