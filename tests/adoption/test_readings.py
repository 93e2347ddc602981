"""Text read as numbers, dates and truth values."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from stillroom.adoption.readings import snake_case, typed, unread


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "-2", "?"], [1, -2, None]),
        ([" 1.5", ".5 ", "1e-3", "NA"], [1.5, 0.5, 0.001, None]),
        (["1,234", "12", "1,234,567.5"], [1234.0, 12.0, 1234567.5]),
        (["1.234,5", "0,5", "12"], [1234.5, 0.5, 12.0]),
        (["1 234", "5%", "$6.50"], [1234.0, 5.0, 6.5]),
        (["True", "FALSE", ""], [True, False, None]),
        (["yes", "no"], ["yes", "no"]),
        (["00123", "99999"], ["00123", "99999"]),
        (["1", "2", "x"], ["1", "2", "x"]),
        (["", "NA", "null"], [None, None, None]),
    ],
)
def test_text_is_read_as_what_every_value_allows(texts: list[str], values: list[Any]) -> None:
    read, _ = typed(pl.LazyFrame({"a": texts}))
    assert read.collect()["a"].to_list() == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-12-31", dt.date(2024, 12, 31)),
        ("31.12.2024", dt.date(2024, 12, 31)),
        ("12/31/2024", dt.date(2024, 12, 31)),
        ("31/12/2024", dt.date(2024, 12, 31)),
        ("31-Dec-2024", dt.date(2024, 12, 31)),
        ("Dec 31, 2024", dt.date(2024, 12, 31)),
        ("2024-12-31 23:59:01", dt.datetime(2024, 12, 31, 23, 59, 1)),
        ("31.12.2024 23:59", dt.datetime(2024, 12, 31, 23, 59)),
        ("2024-12-31T23:59:01+01:00", dt.datetime(2024, 12, 31, 22, 59, 1)),
        ("2024-12-31T23:59:01.5Z", dt.datetime(2024, 12, 31, 23, 59, 1, 500000)),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, value: dt.date) -> None:
    read, _ = typed(pl.LazyFrame({"a": [text, "NA"]}))
    assert read.collect()["a"].to_list() == [value, None]


def test_a_date_that_may_be_read_two_ways_is_told() -> None:
    _, notes = typed(pl.LazyFrame({"a": ["01/02/2024", "03/04/2024"], "b": ["2024-01-02", "2024-03-04"]}))
    assert notes == {"a": "read as dates %m/%d/%Y, though dates %d/%m/%Y would fit too"}


def test_a_late_value_decides_too() -> None:
    read, _ = typed(pl.LazyFrame({"a": ["1"] * 6000 + ["x"]}))
    assert read.collect_schema()["a"] == pl.String


def test_further_missing_values_may_be_named() -> None:
    frame = pl.LazyFrame({"a": ["1", "n.a."]})
    assert typed(frame, ("", "n.a."))[0].collect()["a"].to_list() == [1, None]


def test_the_value_that_keeps_numbers_from_being_read_is_told() -> None:
    assert unread(pl.Series(["1"] * 99 + ["n.a."])) == "n.a."
    assert unread(pl.Series(["a"] * 99 + ["1"])) is None


def test_names_are_made_fit_for_a_catalog() -> None:
    assert [snake_case(name) for name in ("My Table-2", "2024 sales", "Größe")] == [
        "my_table_2",
        "table_2024_sales",
        "gr_e",
    ]
