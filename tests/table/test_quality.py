"""The quality report, and what the declared rule drops."""

import datetime as dt
import json

import polars as pl
import pytest

from stillroom.table.errors import InputError
from stillroom.table.quality import Fingerprint, check_table, quality_report

from .tables import TIME, spec

ROWS = 40
COUNTING = [float(i) for i in range(ROWS)]
MIXED = [float(i * i % 17) for i in range(ROWS)]


def reported(columns, numeric=(), categorical=(), **redundancy):
    """The report on 40 training rows, and three of each other part, whose values must not matter."""
    frame = pl.DataFrame(columns)
    parts = [frame.with_columns(split=pl.lit("train"))]
    parts += [frame.head(3).with_columns(split=pl.lit(name)) for name in ("validation", "test", "live")]
    declared = spec(numeric=list(numeric), categorical=list(categorical), redundancy=redundancy)
    return quality_report(pl.concat(parts).lazy(), declared)


def test_a_number_is_described_on_the_training_split():
    column = reported({"a": [None, float("nan"), float("inf"), *COUNTING[3:]]}, ["a"])["columns"]["a"]

    assert column["kind"] == "numeric"
    assert column["missing"] == pytest.approx(2 / ROWS)
    assert (column["min"], column["max"], column["mean"]) == (3, 39, 21)
    assert column["std"] == pytest.approx(10.82, abs=0.01)
    assert column["distinct"] == 38


def test_a_category_is_described_and_empty_text_is_missing():
    column = reported({"c": ["x", "y", "", None] * 10, "a": COUNTING}, ["a"], ["c"])["columns"]["c"]

    assert {key: column[key] for key in ("kind", "missing", "distinct")} == {
        "kind": "categorical",
        "missing": 0.5,
        "distinct": 2,
    }


def test_rows_are_counted_by_part_and_the_report_is_json():
    report = reported({"a": COUNTING}, ["a"])

    assert report["rows"] == {"live": 3, "test": 3, "train": ROWS, "validation": 3}
    assert json.loads(json.dumps(report, allow_nan=False)) == report


@pytest.mark.parametrize(
    ("values", "options", "reason"),
    [
        ([7.0] * ROWS, {}, "constant in the training split"),
        ([None] * ROWS, {"max_missing": 1.0}, "constant in the training split"),
        ([1.0] * 2 + [None] * 38, {"max_missing": 0.9}, "missing in 95.0% of training rows (max_missing 0.9)"),
        (COUNTING, {}, "duplicate of a"),
        ([x * 2 + 1 for x in COUNTING], {}, "correlation 1.000 with a (max_correlation 0.99)"),
        ([-x for x in COUNTING], {}, "correlation -1.000 with a (max_correlation 0.99)"),
    ],
)
def test_a_redundant_number_is_dropped_with_the_reason(values, options, reason):
    frame = pl.DataFrame({"a": COUNTING, "b": values}, schema={"a": pl.Float64, "b": pl.Float64})
    report = reported(frame, ["a", "b"], **options)

    assert report["dropped"] == {"b": reason}
    assert report["kept"] == ["a"]


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([7.0] * ROWS, {"constant": False}),
        ([7.0] * 20 + [None] * 20, {}),
        ([1.0] * 2 + [None] * 38, {"max_missing": 0.95}),
        (COUNTING, {"duplicate": False, "max_correlation": 1.0}),
        (MIXED, {}),
    ],
)
def test_what_the_rule_allows_stays(values, options):
    frame = pl.DataFrame({"a": COUNTING, "b": values}, schema={"a": pl.Float64, "b": pl.Float64})
    if options.get("max_correlation") == 1.0:
        frame = frame.with_columns(b=pl.col("b") ** 1.05)

    assert reported(frame, ["a", "b"], **options)["kept"] == ["a", "b"]


def test_the_same_values_in_another_order_are_no_duplicate():
    flags = {"first": [1.0, 0.0, 0.0, 1.0] * 10, "second": [0.0, 1.0, 1.0, 0.0] * 9 + [1.0, 1.0, 0.0, 0.0]}

    assert reported(flags, ["first", "second"])["dropped"] == {}


def test_categories_are_duplicates_of_categories_only():
    columns = {"a": COUNTING, "b": [str(x) for x in COUNTING], "c": [str(x) for x in COUNTING]}

    assert reported(columns, ["a"], ["b", "c"])["dropped"] == {"c": "duplicate of b"}


def test_of_two_alike_the_one_with_more_missing_goes():
    gappy = [None if i % 4 == 0 else 3 * x for i, x in enumerate(COUNTING)]

    assert reported({"gappy": gappy, "whole": COUNTING}, ["gappy", "whole"])["kept"] == ["whole"]


def test_every_column_redundant_is_refused():
    with pytest.raises(InputError, match="every column is redundant: a: constant in the training split"):
        reported({"a": [1.0] * ROWS}, ["a"])


def test_a_split_without_rows_for_a_part_is_refused():
    table = pl.LazyFrame({"a": [1.0, 2.0], "y": [0, 1], "split": ["train", "test"]})

    with pytest.raises(
        InputError, match=r"table small: the split leaves no rows for validation \(rows: test 1, train 1\)"
    ):
        quality_report(table, spec())


def fingerprint(frame):
    told = Fingerprint()
    for values in frame.iter_columns():
        told.add(values)
    return told.text


def test_the_fingerprint_is_of_the_rows_whatever_their_order():
    frame = pl.DataFrame({"a": [1.0, None, 3.0], "c": ["x", "y", None], "t": [dt.datetime(2020, 1, 1)] * 3})

    assert fingerprint(frame) == fingerprint(frame.reverse())
    assert fingerprint(frame) != fingerprint(frame.with_columns(a=pl.lit(1.0)))
    assert fingerprint(frame) != fingerprint(frame.with_columns(pl.col("c").reverse()))
    assert len(fingerprint(frame)) == 16


def test_the_report_s_fingerprint_is_of_every_column_and_part():
    def told(**columns):
        frame = pl.DataFrame({"a": COUNTING, "further": COUNTING, "split": ["train"] * 34 + ["validation", "test"] * 3})
        return quality_report(frame.with_columns(**columns).lazy(), spec(numeric=["a"]))["fingerprint"]

    last = pl.int_range(pl.len()) == ROWS - 1
    others = {told(), told(further=pl.lit(1.0)), told(a=pl.when(last).then(7.0).otherwise("a"))}
    assert len(others) == 3


FRAME = pl.LazyFrame(
    {"a": [1.0], "c": ["x"], "nested": [[1]], "y": [1], "text": ["x"], "when": [dt.datetime(2020, 1, 1)]}
)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"numeric": ["a", "b"]}, "the spec declares b, which small does not hold; its columns are a, c, nested, y"),
        ({"target": "z"}, "the spec declares z"),
        ({"row_id": "key"}, "the spec declares key"),
        ({"numeric": ["c"]}, "c is declared numeric, but its type is String, no number"),
        ({"task": "regression", "target": "text"}, "text is declared numeric, but its type is String, no number"),
        (
            {"categorical": ["nested"]},
            r"nested is declared categorical, but its type is List\(Int64\), no single value",
        ),
        ({"split": TIME, "time": "text"}, "the time column text is String, not a date or datetime"),
    ],
)
def test_a_table_that_is_not_what_the_spec_says_is_refused(declared, message):
    with pytest.raises(InputError, match=message):
        check_table(FRAME, spec(**declared))


def test_a_table_that_is_what_the_spec_says_passes():
    check_table(FRAME, spec(categorical=["c", "text"], split=TIME, time="when"))
