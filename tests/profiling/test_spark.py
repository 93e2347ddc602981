"""A Spark table's profile, made in its workers, must be that of all its rows."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from pyspark.sql import SparkSession

from profiles.test_fold import HLL_ERROR, MIDNIGHT, assert_same_as_stock, profiled, summary
from stillroom.profiles import rows
from stillroom.profiling.frames import columns_of
from stillroom.profiling.spark import profile_spark, profile_spark_days

ROWS = 3_000
BEGIN = dt.datetime(2013, 12, 1)


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "distance": rng.lognormal(size=ROWS),
            "seats": pl.Series(rng.integers(0, 400, ROWS)).set(pl.Series(rng.random(ROWS) < 0.1), None),
            "carrier": rng.choice(["UA", "B6", "ü"], ROWS),
            "late": rng.random(ROWS) < 0.2,
            "at": [BEGIN + dt.timedelta(hours=int(hour)) for hour in rng.integers(0, 72, ROWS)],
        }
    )


@pytest.mark.slow
def test_a_spark_table_is_profiled_as_a_frame_of_the_same_rows(spark: SparkSession, frame: pl.DataFrame) -> None:
    table = spark.createDataFrame(frame.to_arrow()).repartition(7)

    view = profile_spark(table, MIDNIGHT)

    assert view.dataset_timestamp == MIDNIGHT
    whole = profiled(columns_of(frame))
    for name in frame.columns:
        ours, theirs = summary(view, name), summary(whole, name)
        if "cardinality/est" in theirs:
            assert ours.pop("cardinality/est") == pytest.approx(theirs.pop("cardinality/est"), rel=3 * HLL_ERROR)
        assert_same_as_stock(ours, theirs)


@pytest.mark.slow
def test_a_spark_table_s_days_are_profiled_in_one_pass(spark: SparkSession, frame: pl.DataFrame) -> None:
    days = profile_spark_days(spark.createDataFrame(frame.to_arrow()).repartition(5), "at")

    assert list(days) == [dt.date(2013, 12, day) for day in (1, 2, 3)]
    assert sum(rows(view) for view in days.values()) == ROWS
    second = frame.filter(pl.col("at").dt.date() == dt.date(2013, 12, 2))
    by_spark, here = days[dt.date(2013, 12, 2)], profiled(columns_of(second))
    assert_same_as_stock(summary(by_spark, "carrier"), summary(here, "carrier"))
