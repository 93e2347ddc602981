"""A Polars frame's profile must be what stock whylogs makes of its rows."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.test_fold import assert_same_as_stock, items, profiled, summary
from stillroom.profiles import Values, rows
from stillroom.profiling.frames import columns_of

# isort: split
import whylogs as why

EXTREMES = [math.nan, math.inf, -math.inf, -0.0]
DAY = dt.date(2013, 12, 1)
FRAME = pl.DataFrame(
    {
        "float": [1.5, None, float("nan")],
        "float32": pl.Series([1.5, 2.5, 2.5], dtype=pl.Float32),
        "integer": [1, None, 1],
        "small": pl.Series([1, 2, 3], dtype=pl.UInt8),
        "wide": pl.Series([1, 2, 3], dtype=pl.Int128),
        "boolean": [True, None, False],
        "text": ["ü" * 200, None, ""],
        "category": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
        "enum": pl.Series(["a", None, "a"], dtype=pl.Enum(["b", "a"])),
        "date": [DAY, None, DAY],
        "datetime": pl.Series([dt.datetime(2013, 12, 1)] * 3).dt.replace_time_zone("UTC"),
        "duration": [dt.timedelta(1), None, None],
        "time": [dt.time(12), None, dt.time(13)],
        "decimal": [Decimal("1.5"), None, Decimal("2.5")],
        "null": pl.Series([None, None, None]),
    }
)


def test_every_type_of_column_is_told_by_its_own_type_and_a_null_is_missing():
    view = profiled(columns_of(FRAME))
    kinds = {
        name: next((kind for kind, value in summary(view, name).items() if kind.startswith("types/") and value), None)
        for name in FRAME.columns
    }
    assert kinds == {
        "float": "types/fractional", "float32": "types/fractional", "integer": "types/integral",
        "small": "types/integral", "wide": "types/integral", "boolean": "types/boolean", "text": "types/string",
        "category": "types/string", "enum": "types/string", "date": "types/object", "datetime": "types/object",
        "duration": "types/object", "time": "types/object", "decimal": "types/fractional", "null": None,
    }  # fmt: skip
    assert {name: summary(view, name)["counts/n"] for name in FRAME.columns} == dict.fromkeys(FRAME.columns, 3)
    missing = {name: summary(view, name)["counts/null"] for name in FRAME.columns}
    assert missing == {column.name: column.null_count() for column in FRAME} | {"float": 2}
    assert summary(view, "float")["counts/nan"] == 1
    assert items(summary(view, "enum")["frequent_items/frequent_strings"]) == [("a", 2)]


def test_a_frame_without_nulls_agrees_with_stock_whylogs():
    frame = FRAME.select("float32", "small", "datetime").hstack(FRAME.select(pl.col("boolean", "text").fill_null("x")))
    ours, stock = profiled(columns_of(frame)), why.log(frame.to_pandas()).view()
    for name in frame.columns:
        assert_same_as_stock(summary(ours, name), summary(stock, name))


def test_numbers_without_nulls_are_not_copied_out_of_a_frame_or_an_arrow_batch():
    frame = pl.DataFrame({"x": np.arange(1_000.0), "n": np.arange(1_000)})
    for name, column in columns_of(frame).items():
        assert isinstance(column, Values)
        assert np.shares_memory(column.array, frame[name].to_numpy(allow_copy=False))
    array = pa.array(np.arange(1_000.0))
    column = columns_of(pl.DataFrame(pa.RecordBatch.from_arrays([array], ["x"])))["x"]
    assert column.array.__array_interface__["data"][0] == array.buffers()[1].address


# What stock whylogs is given: pandas would make floats of integers, and objects of booleans, with nulls among them.
KINDS = {
    "float": (st.floats(width=64, min_value=-1e9, max_value=1e9) | st.sampled_from(EXTREMES), pl.Float64, "float64"),
    "integer": (st.none() | st.integers(-(2**62), 2**62) | st.integers(-9, 9), pl.Int64, "Int64"),
    "small": (st.none() | st.integers(0, 255), pl.UInt8, "UInt8"),
    "boolean": (st.none() | st.booleans(), pl.Boolean, "boolean"),
    "text": (st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=200), pl.String, "object"),
    "datetime": (st.none() | st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), pl.Datetime("us"), None),
}


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 60))
def test_any_frame_agrees_with_stock_whylogs(data, count):
    columns = {name: data.draw(st.lists(of, min_size=count, max_size=count)) for name, (of, *_) in KINDS.items()}
    frame = pl.DataFrame(columns, schema={name: kind for name, (_, kind, _) in KINDS.items()})
    stock = {
        name: pd.Series(values, dtype=KINDS[name][2] or "datetime64[us]", name=name) for name, values in columns.items()
    }
    ours, theirs = profiled(columns_of(frame)), why.log(pd.DataFrame(stock)).view()
    for name in frame.columns:
        assert_same_as_stock(summary(ours, name), summary(theirs, name))


def test_an_empty_frame_makes_a_profile_of_no_rows_as_stock_whylogs_does():
    empty = FRAME.clear().drop("wide")  # pandas has no such integers
    view, stock = profiled(columns_of(empty)), why.log(empty.to_pandas()).view()
    assert rows(view) == rows(stock) == 0
    assert set(view.get_columns()) == set(stock.get_columns()) == set(empty.columns)
    for name in empty.columns:
        ours, theirs = summary(view, name), summary(stock, name)
        counted = {key for key in ours.keys() & theirs.keys() if key.startswith(("counts/", "types/"))}
        assert {"counts/n", "counts/null", "types/string"} <= counted
        assert {key: ours[key] for key in counted} == {key: theirs[key] for key in counted} == dict.fromkeys(counted, 0)


def test_a_column_of_lists_is_refused_by_name():
    with pytest.raises(TypeError, match=r"column tags: a column of List\(Int64\) cannot be profiled"):
        columns_of(pl.DataFrame({"tags": [[1], [2]]}))
