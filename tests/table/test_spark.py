"""A table on Spark is checked, split, described and encoded as on Polars."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from stillroom.table.checks import TableChecks
from stillroom.table.encoding import fit_encoding
from stillroom.table.errors import InputError
from stillroom.table.quality import check_table, quality_report
from stillroom.table.split import part, with_split

from .tables import TIME, spec

ROWS = 600
FIRST = dt.datetime(2019, 9, 1, 23, 30)
DECLARED = spec(
    numeric=["size", "twice", "count"], categorical=["kind"], split=TIME | {"train": "2019-09-05"}, time="when"
)
CHECKS = {"columns": {"row": "integer", "size": "number", "kind": "text", "when": "datetime"}, "key": ["row"]}


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Numbers with nulls, NaN and infinities, texts, days in every part, targets that nobody knows."""
    random = np.random.default_rng(0)
    size = random.normal(size=ROWS)
    size[::50], size[1::50] = np.nan, np.inf
    return pl.DataFrame(
        {
            "row": range(ROWS),
            "size": pl.Series(size).set(pl.Series(random.random(ROWS) < 0.1), None),
            "twice": 2 * np.arange(ROWS) + 0.5,
            "count": pl.Series(random.integers(0, 9, ROWS)).set(pl.Series(random.random(ROWS) < 0.2), None),
            "kind": random.choice(["a", "b", "ü", ""], ROWS),
            "when": [FIRST + dt.timedelta(days=day // 2) for day in range(ROWS)],
            "y": pl.Series(random.integers(0, 2, ROWS)).set(pl.Series(np.arange(ROWS) % 97 == 0), None),
        }
    )


@pytest.fixture(scope="module")
def table(spark, rows, tmp_path_factory):
    """The same rows as a Spark table, read from Parquet."""
    file = tmp_path_factory.mktemp("table") / "rows.parquet"
    rows.write_parquet(file)
    return spark.read.parquet(str(file))


@pytest.mark.slow
def test_it_is_split_row_for_row(rows, table):
    there = pl.DataFrame(with_split(table, DECLARED).toArrow()).sort("row")

    assert there.equals(with_split(rows.lazy(), DECLARED).collect().select(there.columns))
    assert set(there["split"]) == {"train", "validation", "test", "live", "unlabelled", "earlier"}


@pytest.mark.slow
def test_it_is_described_and_encoded_alike(rows, table):
    here, there = with_split(rows.lazy(), DECLARED), with_split(table, DECLARED)
    reports = [quality_report(each, DECLARED) for each in (here.select(there.columns), there)]
    measured = [pl.DataFrame(list(report.pop("columns").values())) for report in reports]
    encodings = [fit_encoding(part(each, "train"), DECLARED, reports[0]["kept"], bins=4) for each in (here, there)]

    assert reports[0] == reports[1]
    assert_frame_equal(*measured, rel_tol=1e-12)
    numbers = [pl.DataFrame([column.model_dump() for column in encoding.numeric]) for encoding in encodings]
    assert_frame_equal(*numbers, rel_tol=1e-12)
    assert encodings[0].categorical == encodings[1].categorical
    assert encodings[0].target == encodings[1].target


@pytest.mark.slow
def test_a_random_split_is_refused_with_one_sentence(table):
    with pytest.raises(InputError, match="table small: a random split is drawn by Polars, not by Spark: split by time"):
        with_split(table, spec(numeric=["size"]))


@pytest.mark.slow
def test_it_is_checked_against_its_spec(table):
    check_table(table, DECLARED)

    with pytest.raises(InputError, match="kind is declared numeric, but its type is String, no number"):
        check_table(table, spec(numeric=["kind"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"min_rows": 601}, "the table has 600 rows, expected at least 601"),
        ({"key": ["kind"]}, "the key kind is not unique: 596 duplicate rows"),
        ({"ranges": {"row": [0, 500]}}, "column row ranges from 0 to 599, allowed 0 to 500"),
        ({"max_missing": {"size": 0.1}}, "column size is missing in 11.7% of rows, allowed 10.0%"),
        (
            {"columns": {"row": "text", "tall": "number"}, "key": []},
            "column row is Int64, expected text; column tall is missing",
        ),
    ],
)
def test_the_catalog_s_checks_find_the_same(rows, table, options, finding):
    assert TableChecks(**CHECKS).validate(table) is table
    for frame in (rows, table):
        with pytest.raises(InputError) as refusal:
            TableChecks(**CHECKS | options).validate(frame)
        assert str(refusal.value) == finding
