"""The catalog's validator: each finding in its own words."""

import datetime as dt

import polars as pl
import pytest

from stillroom.table.checks import TableChecks
from stillroom.table.errors import InputError

COLUMNS = {"id": "integer", "height": "number", "name": "text", "alive": "boolean", "born": "datetime"}
OPTIONS = {
    "columns": COLUMNS,
    "key": ["id"],
    "ranges": {"height": [0, 3]},
    "max_missing": {"height": 0.25, "name": 0},
    "min_rows": 2,
}
SOUND = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "height": [1.5, 1.7, None, 3.0],
        "name": ["a", "b", "c", "c"],
        "alive": [True, False, None, True],
        "born": [dt.date(1990, 1, 1)] * 4,
        "further": [1, 2, 3, 4],
    }
)


def findings(frame, **options):
    with pytest.raises(InputError) as refusal:
        TableChecks(**OPTIONS | options).validate(frame)
    return str(refusal.value).split("; ")


def test_a_sound_table_is_given_back_as_it_came():
    lazy = SOUND.lazy()

    assert TableChecks(**OPTIONS).validate(SOUND) is SOUND
    assert TableChecks(**OPTIONS).validate(lazy) is lazy


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"height": pl.Series([1, 2, 9, 3])}, ["column height ranges from 1 to 9, allowed 0 to 3"]),
        ({"height": pl.lit(-0.5)}, ["column height ranges from -0.5 to -0.5, allowed 0 to 3"]),
        ({"height": pl.lit(float("inf"))}, ["column height ranges from inf to inf, allowed 0 to 3"]),
        ({"height": pl.Series([1.0, None, None, 2.0])}, ["column height is missing in 50.0% of rows, allowed 25.0%"]),
        ({"height": pl.lit(float("nan"))}, ["column height is missing in 100.0% of rows, allowed 25.0%"]),
        ({"name": pl.Series(["a", None, "b", "c"])}, ["column name is missing in 25.0% of rows, allowed 0.0%"]),
        ({"id": pl.Series([1, 2, 2, 2])}, ["the key id is not unique: 2 duplicate rows"]),
        ({"id": pl.Series([1, None, 3, 4])}, ["key column id is missing in 1 rows"]),
        ({"id": pl.col("id").cast(pl.String)}, ["column id is String, expected integer"]),
        ({"id": pl.col("id").cast(pl.Float64)}, ["column id is Float64, expected integer"]),
        ({"height": pl.lit("tall")}, ["column height is String, expected number"]),
        ({"alive": pl.lit(1)}, ["column alive is Int32, expected boolean"]),
        ({"born": pl.lit("1990")}, ["column born is String, expected datetime"]),
        ({"name": pl.lit(None)}, ["column name is Null, expected text"]),
        (
            {"height": pl.lit(9.0), "id": pl.lit(1)},
            ["the key id is not unique: 3 duplicate rows", "column height ranges from 9.0 to 9.0, allowed 0 to 3"],
        ),
    ],
)
def test_each_finding_names_the_column_and_what_was_found(change, expected):
    assert findings(SOUND.with_columns(**change)) == expected


def test_a_column_that_is_not_there_is_found_before_values_are_looked_at():
    assert findings(SOUND.drop("height", "name")) == ["column height is missing", "column name is missing"]


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_are_found(rows):
    assert findings(SOUND.head(rows)) == [f"the table has {rows} rows, expected at least 2"]


def test_a_key_may_be_of_several_columns():
    frame = SOUND.with_columns(id=pl.lit(1))

    assert TableChecks(**OPTIONS | {"key": ["id", "name"], "max_missing": {}}).validate(frame.head(3)) is not None
    assert findings(frame, key=["id", "name"]) == ["the key id + name is not unique: 1 duplicate rows"]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt32, pl.Int64, pl.Float32, pl.Decimal(10, 2)])
def test_a_number_is_any_numeric_type(dtype):
    frame = SOUND.with_columns(height=pl.Series([1, 2, 3, 1]).cast(dtype))

    assert TableChecks(**OPTIONS).validate(frame) is frame


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["a", "b", "c"])])
def test_text_is_any_text_type(dtype):
    frame = SOUND.with_columns(pl.col("name").cast(dtype))

    assert TableChecks(**OPTIONS).validate(frame) is frame


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"columns": COLUMNS | {"id": "int"}},
            "no such type int; the choices are integer, number, text, boolean, datetime",
        ),
        ({"key": ["idd"]}, "name columns not declared: idd"),
        ({"ranges": {"name": [0, 1]}}, r"name needs \[lowest, highest\] and a type of integer or number"),
        ({"ranges": {"height": [0]}}, r"height needs \[lowest, highest\]"),
    ],
)
def test_a_declaration_that_cannot_be_checked_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        TableChecks(**OPTIONS | options)
