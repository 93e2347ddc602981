"""Profiles of a Spark table: each partition is folded where it lies, and only profiles travel."""

import datetime as dt
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame
from whylogs.core import DatasetProfile, DatasetProfileView

from stillroom.profiles import fold, from_bytes, merge, new_profile, to_bytes
from stillroom.profiling.frames import columns_of

DAY = "stillroom_day"


def profile_spark(table: DataFrame, timestamp: dt.datetime) -> DatasetProfileView:
    """One profile of all rows; ``timestamp`` (with a timezone) is when they came. Raises ValueError without a row.

    Spark's Python workers must be able to import `stillroom`.
    """

    def profiled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        profile = new_profile(timestamp)
        for batch in batches:
            fold(profile, columns_of(pl.DataFrame(batch)))
        yield pa.RecordBatch.from_pydict({"profile": [to_bytes(profile)]})

    return merge(from_bytes(bytes(row.profile)) for row in table.mapInArrow(profiled, "profile binary").collect())


def profile_spark_days(table: DataFrame, time: str) -> dict[dt.date, DatasetProfileView]:
    """A profile of each day's rows, in one pass over the table, whose column ``time`` holds dates or timestamps."""

    def profiled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        days: dict[dt.date, DatasetProfile] = {}
        for batch in batches:
            frame = pl.DataFrame(batch).with_columns(pl.col(time).cast(pl.Date).alias(DAY))
            for (day,), rows in frame.drop_nulls(DAY).partition_by(DAY, as_dict=True, include_key=False).items():
                noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
                fold(days.setdefault(day, new_profile(noon)), columns_of(rows))
        profiles = [to_bytes(profile) for profile in days.values()]
        yield pa.RecordBatch.from_arrays(
            [pa.array(days, pa.date32()), pa.array(profiles, pa.binary())], [DAY, "profile"]
        )

    found: dict[dt.date, list[DatasetProfileView]] = {}
    for row in table.mapInArrow(profiled, f"{DAY} date, profile binary").collect():
        found.setdefault(row[DAY], []).append(from_bytes(bytes(row.profile)))
    return {day: merge(found[day]) for day in sorted(found)}
