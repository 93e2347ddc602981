"""A Spark table's profile, made in its workers, must be that of all its rows."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from pyspark.sql import SparkSession

from profiles.test_fold import HLL_ERROR, MIDNIGHT, assert_same_as_stock, profiled, summary
from serving import onnx_models
from stillroom.profiles import rows
from stillroom.profiling.frames import columns_of
from stillroom.profiling.spark import profile_spark, profile_spark_days
from stillroom.serving.model import Model, as_columns
from stillroom.serving.profile_columns import profile_batch

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
def test_spark_polars_and_a_service_profile_the_same_rows_alike(spark: SparkSession) -> None:
    model, rng = Model(onnx_models.binary()), np.random.default_rng(1)
    carriers, origins = (np.array([*known, None], dtype=object) for known in onnx_models.CATEGORICAL.values())
    table = {
        "distance": np.where(rng.random(ROWS) < 0.1, np.nan, rng.lognormal(size=ROWS)).astype(np.float32),
        "hour": rng.integers(0, 24, ROWS).astype(np.float32),
        "carrier": rng.choice(carriers, ROWS),
        "origin": rng.choice(origins, ROWS),
    }
    columns = as_columns(model.signature, table)
    predictions = model.predict(columns)
    frame = pl.DataFrame({**table, "prediction": predictions}, schema_overrides={"carrier": pl.String})

    service = profile_batch(model.signature, columns, predictions, MIDNIGHT)
    polars = profiled(columns_of(frame))
    by_spark = profile_spark(spark.createDataFrame(frame.to_arrow()).repartition(4), MIDNIGHT)

    assert set(service.get_columns()) == set(polars.get_columns()) == set(by_spark.get_columns()) == set(frame.columns)
    for name in frame.columns:
        assert_same_as_stock(summary(polars, name), summary(service, name))
        merged, whole = summary(by_spark, name), summary(service, name)
        assert merged.pop("cardinality/est") == pytest.approx(whole.pop("cardinality/est"), rel=3 * HLL_ERROR)
        assert_same_as_stock(merged, whole)


@pytest.mark.slow
def test_a_spark_table_s_days_are_profiled_in_one_pass(spark: SparkSession, frame: pl.DataFrame) -> None:
    days = profile_spark_days(spark.createDataFrame(frame.to_arrow()).repartition(5), "at")

    assert list(days) == [dt.date(2013, 12, day) for day in (1, 2, 3)]
    assert sum(rows(view) for view in days.values()) == ROWS
    second = frame.filter(pl.col("at").dt.date() == dt.date(2013, 12, 2))
    by_spark, here = days[dt.date(2013, 12, 2)], profiled(columns_of(second))
    assert_same_as_stock(summary(by_spark, "carrier"), summary(here, "carrier"))
