"""Folding whole columns must give what stock whylogs gives on the same rows."""

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillroom.profiles import Counts, Values, fold, from_bytes, merge, new_profile, rows, to_bytes

# isort: split
import whylogs as why

MIDNIGHT = datetime(2013, 12, 1, tzinfo=UTC)
KLL_RANK_ERROR = 0.00272  # at 99 % confidence, of whylogs' k=1024, as the sketch states it
HLL_ERROR = 0.0163  # one standard error of whylogs' 4,096 registers, 1.04 / sqrt(4096)
EXACT = [
    "counts/n", "counts/null", "counts/nan", "counts/inf", "counts/true", "types/integral", "types/fractional",
    "types/boolean", "types/string", "types/object", "distribution/n", "distribution/min", "distribution/max",
    "ints/min", "ints/max", "cardinality/est",
]  # fmt: skip


def profiled(*batches):
    profile = new_profile(MIDNIGHT)
    for batch in batches:
        fold(profile, batch)
    return profile.view()


def summary(view, column):
    return view.get_column(column).to_summary_dict()


def assert_same_as_stock(ours, stock):
    assert ours.keys() == stock.keys()
    for key in [key for key in EXACT if key in stock]:
        assert ours[key] == pytest.approx(stock[key], rel=0, abs=0, nan_ok=True), key
    for key in {"distribution/mean", "distribution/stddev"} & stock.keys():
        assert ours[key] == pytest.approx(stock[key], rel=1e-9, abs=1e-9, nan_ok=True), key
    for key in {"frequent_items/frequent_strings"} & stock.keys():
        assert items(ours[key]) == items(stock[key])


def items(frequent):
    return sorted((item.value, item.est) for item in frequent)


floats = st.floats(width=64, min_value=-1e9, max_value=1e9) | st.sampled_from([math.nan, math.inf, -math.inf, -0.0])
texts = st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300) | st.just("ü" * 500)


@settings(max_examples=60, deadline=None)
@given(st.lists(floats, max_size=200))
def test_floats_agree_with_stock_whylogs(values):
    column = np.array(values, dtype=np.float64)
    ours, stock = profiled({"x": column}), why.log(pd.DataFrame({"x": column}))
    if values:
        assert_same_as_stock(summary(ours, "x"), summary(stock.view(), "x"))
    assert rows(ours) == len(values)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(-50, 50), min_size=1, max_size=200))
def test_integers_agree_with_stock_whylogs(values):
    column = np.array(values, dtype=np.int64)
    ours, stock = profiled({"x": column}), why.log(pd.DataFrame({"x": column}))
    assert_same_as_stock(summary(ours, "x"), summary(stock.view(), "x"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_booleans_agree_with_stock_whylogs(values):
    column = np.array(values)
    ours, stock = profiled({"x": column}), why.log(pd.DataFrame({"x": column}))
    assert_same_as_stock(summary(ours, "x"), summary(stock.view(), "x"))


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=100))
def test_strings_agree_with_stock_whylogs(values):
    column = np.array(values, dtype=object)
    ours, stock = profiled({"x": column}), why.log(pd.DataFrame({"x": pd.Series(values, dtype=object)}))
    assert_same_as_stock(summary(ours, "x"), summary(stock.view(), "x"))


dates = st.none() | st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))


@settings(max_examples=30, deadline=None)
@given(st.lists(dates, min_size=1, max_size=100))
def test_dates_agree_with_stock_whylogs(values):
    column = np.array(values, dtype="datetime64[us]")
    ours, stock = profiled({"x": column}), why.log(pd.DataFrame({"x": column}))
    assert_same_as_stock(summary(ours, "x"), summary(stock.view(), "x"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.none() | st.integers(-(2**62), 2**62) | st.integers(-9, 9), min_size=1, max_size=100),
    st.lists(st.none() | st.booleans(), min_size=1, max_size=100),
)
def test_integers_and_booleans_with_nulls_agree_with_stock_whylogs(integers, booleans):
    for values, ours, stock in ((integers, np.int64, "Int64"), (booleans, np.bool_, "boolean")):
        present = np.array([value for value in values if value is not None], dtype=ours)
        column = Values(present, missing=len(values) - len(present))
        logged = why.log(pd.DataFrame({"x": pd.Series(values, dtype=stock)}))
        assert_same_as_stock(summary(profiled({"x": column}), "x"), summary(logged.view(), "x"))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.integers(1_000, 5_000), st.sampled_from([1, 30, 3_000, 10**9]))
def test_many_values_agree_with_stock_whylogs_within_the_sketches_error(seed, count, spread):
    rng = np.random.default_rng(seed)
    columns = {
        "float": np.where(rng.random(count) < 0.1, np.nan, rng.lognormal(size=count)),
        "rounded": rng.normal(size=count).round(1),
        "integer": rng.integers(0, spread, count),
        "text": np.array([f"N{k}" for k in rng.integers(0, min(spread, 3_000), count)], dtype=object),
    }
    ours, stock = profiled(columns), why.log(pd.DataFrame(columns)).view()
    for name, column in columns.items():
        of_ours, of_stock = summary(ours, name), summary(stock, name)
        assert of_ours.pop("cardinality/est") == pytest.approx(of_stock.pop("cardinality/est"), rel=4 * HLL_ERROR)
        assert_frequent_items_agree(ours, stock, name)
        for view in (of_ours, of_stock):
            view.pop("frequent_items/frequent_strings", None)
        assert_same_as_stock(of_ours, of_stock)
        if column.dtype != object:
            assert rank_errors(ours, name, column).max() < 2 * KLL_RANK_ERROR


def assert_frequent_items_agree(ours, stock, name):
    """Both sketches bound the count of every item that either of them names."""
    metrics = [view.get_column(name).get_metric("frequent_items") for view in (ours, stock)]
    if metrics[1] is None:
        assert metrics[0] is None
        return
    first, second = (metric.frequent_strings.value for metric in metrics)
    for item in {item.value for metric in metrics for item in metric.strings}:
        assert first.get_lower_bound(item) <= second.get_upper_bound(item)
        assert second.get_lower_bound(item) <= first.get_upper_bound(item)


def rank_errors(view, name, column):
    """How far the quantiles' true ranks lie from those asked for; a value that is there often has many ranks."""
    known = np.sort(column[~np.isnan(column)])
    levels = np.linspace(0.01, 0.99, 99)
    sketch = view.get_column(name).get_metric("distribution").kll.value
    quantiles = sketch.get_quantiles(levels.tolist())
    lowest, highest = (np.searchsorted(known, quantiles, side) / len(known) for side in ("left", "right"))
    return np.maximum(0, np.maximum(lowest - levels, levels - highest))


def test_columns_of_all_types_in_one_frame_and_an_empty_one_agree_with_stock_whylogs():
    frame = {
        "float": np.array([1.5, np.nan, np.inf]),
        "integer": np.array([1, 2, 2]),
        "boolean": np.array([True, False, True]),
        "date": np.array(["2013-12-01", "NaT", "2013-12-02"], dtype="datetime64[us]"),
        "duration": np.array([1, 2, 3], dtype="timedelta64[us]"),
        "text": np.array(["ü" * 500, None, "\U0001f6eb"], dtype=object),
        "all_missing": np.array([None, None, None], dtype=object),
    }
    pandas = pd.DataFrame({name: pd.Series(column, dtype=column.dtype) for name, column in frame.items()})
    ours, stock = profiled(frame), why.log(pandas).view()
    assert set(ours.get_columns()) == set(stock.get_columns()) == set(frame)
    for name in frame:
        assert_same_as_stock(summary(ours, name), summary(stock, name))
    empty = profiled({name: column[:0] for name, column in frame.items()})
    assert rows(empty) == 0
    assert all(summary(empty, name)["counts/n"] == 0 for name in frame)
    assert rows(merge([empty, ours])) == 3


def test_small_integers_of_every_width_are_integers():
    for dtype in (np.int8, np.uint8, np.int32, np.uint64):
        view = profiled({"x": np.array([3, 3, 7], dtype=dtype)})
        assert items(summary(view, "x")["frequent_items/frequent_strings"]) == [("3", 2), ("7", 1)]
        assert summary(view, "x")["cardinality/est"] == pytest.approx(2, abs=0.01)


def test_quantiles_of_many_values_lie_within_the_stated_rank_error():
    column = np.random.default_rng(0).lognormal(size=200_000)
    sketch = profiled({"x": column}).get_column("x").get_metric("distribution").kll.value
    levels = np.linspace(0.01, 0.99, 99)
    true_levels = np.searchsorted(np.sort(column), sketch.get_quantiles(levels.tolist())) / len(column)
    assert np.abs(true_levels - levels).max() < KLL_RANK_ERROR


def test_cardinality_of_many_strings_lies_within_three_standard_errors():
    column = np.array([f"N{i % 50_000}" for i in range(100_000)], dtype=object)
    cardinality = profiled({"tail": column}).get_column("tail").get_metric("cardinality").hll.value
    assert cardinality.get_lower_bound(3) <= 50_000 <= cardinality.get_upper_bound(3)


def test_value_counts_equal_the_rows_they_count():
    column = np.array(["UA", None, "B6", "UA", "", float("nan")], dtype=object)
    counted = Counts(["UA", "B6", ""], [2, 1, 1], missing=2)
    by_row, by_count = profiled({"carrier": column}), profiled({"carrier": counted})
    assert_same_as_stock(summary(by_row, "carrier"), summary(by_count, "carrier"))
    assert summary(by_count, "carrier")["counts/n"] == 6
    assert summary(by_count, "carrier")["counts/null"] == 2


def test_batches_add_up_to_the_whole():
    rng = np.random.default_rng(1)
    whole = {
        "x": rng.normal(size=1_000),
        "hour": rng.integers(0, 24, 1_000),
        "origin": rng.choice(["EWR", "JFK"], 1_000),
    }
    batches = [{name: column[start : start + 300] for name, column in whole.items()} for start in range(0, 1_000, 300)]
    for name in whole:
        in_parts, at_once = summary(profiled(*batches), name), summary(profiled(whole), name)
        # How many distinct values an HLL sketch estimates depends a little on the order in which they came.
        assert in_parts.pop("cardinality/est") == pytest.approx(at_once.pop("cardinality/est"), rel=3 * HLL_ERROR)
        assert_same_as_stock(in_parts, at_once)


def test_a_strided_array_is_read_by_its_own_values():
    table = np.arange(20.0).reshape(10, 2)
    assert summary(profiled({"x": table[:, 1]}), "x")["distribution/mean"] == 10.0


def test_a_merge_of_days_with_a_stock_profile_equals_one_profile_of_all_rows():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=500), rng.normal(2, 3, size=700)
    stock = from_bytes(why.log(pd.DataFrame({"x": second})).view().serialize())
    merged = merge([from_bytes(to_bytes(profiled({"x": first}))), stock])
    assert rows(merged) == 1_200
    whole = summary(profiled({"x": np.concatenate([first, second])}), "x")
    cardinality = {key: whole.pop(key) for key in list(whole) if key.startswith("cardinality")}
    of_merged = summary(merged, "x")
    # A union of HLL sketches estimates by another formula than one sketch that saw every value.
    assert of_merged["cardinality/est"] == pytest.approx(cardinality["cardinality/est"], rel=3 * HLL_ERROR)
    assert_same_as_stock({key: of_merged[key] for key in whole}, whole)


def test_a_lone_surrogate_does_not_stop_the_profile():
    view = profiled({"city": np.array(["Köln", "\ud800x"], dtype=object)})
    assert items(summary(view, "city")["frequent_items/frequent_strings"]) == [("?x", 1), ("Köln", 1)]


def test_a_column_may_change_its_type_between_batches():
    view = profiled({"x": np.array([1, 2])}, {"x": np.array([0.5])}, {"x": np.array(["a"], dtype=object)})
    assert summary(view, "x")["counts/n"] == 4
    assert [summary(view, "x")[f"types/{kind}"] for kind in ("integral", "fractional", "string")] == [2, 1, 1]


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"x": np.array([1.0]), "y": np.array([1, 2])}, ValueError, "unequal length: x has 1, y has 2"),
        ({"x": np.array([1.0]), "y": np.array([b"a"])}, TypeError, "column y: dtype"),
        ({"x": np.array([1.0]), "y": np.array([3], dtype=object)}, TypeError, "column y: .* int was found"),
        (
            {"x": np.array([1]), "y": np.array([2**63], dtype=np.uint64)},
            ValueError,
            "column y: 9223372036854775808 is be",
        ),
        ({"x": np.array([1.0]), "y": np.zeros((1, 2))}, ValueError, "column y: an array of shape"),
    ],
)
def test_an_unsound_batch_is_refused_whole(columns, error, message):
    profile = new_profile()
    with pytest.raises(error, match=message):
        fold(profile, columns)
    assert rows(profile.view()) == 0


def test_value_counts_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="2 values but 1 counts"):
        Counts(["a", "b"], [1])


def test_fewer_than_no_missing_rows_are_refused():
    with pytest.raises(ValueError, match="-1 missing rows"):
        Values(np.array([1]), missing=-1)


def test_a_timestamp_without_timezone_is_refused():
    with pytest.raises(ValueError, match="no timezone"):
        new_profile(datetime(2013, 12, 1))
