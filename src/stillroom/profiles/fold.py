"""Fold whole columns into whylogs profiles.

whylogs' own path asks pandas for the type of every single value; its sketches take arrays and weights, which is
several times faster (benchmarks/profiles_vs_whylogs.py). The metrics and sketches updated here are whylogs' own, so
every whylogs tool reads the result.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from whylogs.core import DatasetProfile
from whylogs.core.column_profile import ColumnProfile
from whylogs.core.datatypes import DataType
from whylogs.core.metrics import Metric, StandardMetric
from whylogs.core.resolvers import Resolver, StandardResolver
from whylogs.core.schema import ColumnSchema, DatasetSchema

from stillroom.profiles import sketches
from stillroom.profiles.columns import Column, Counts, Values, checked

_PYTHON_TYPE = {"f": float, "i": int, "b": bool, "M": datetime, "m": timedelta}


class PrivateResolver(Resolver):
    """What is kept of a private column: how many rows, missing values and types, and about how many distinct values."""

    def resolve(self, name: str, why_type: DataType, column_schema: ColumnSchema) -> dict[str, Metric]:
        """The three metrics from which no value can be read; the last keeps nothing but hashes."""
        kept = (StandardMetric.counts, StandardMetric.types, StandardMetric.cardinality)
        return {metric.name: metric.zero(column_schema.cfg) for metric in kept}


def new_profile(timestamp: datetime | None = None, metadata: Mapping[str, str] | None = None) -> DatasetProfile:
    """An empty whylogs profile of the data of ``timestamp`` (timezone-aware; None means now)."""
    if timestamp is not None and timestamp.tzinfo is None:
        raise ValueError(f"the profile's timestamp {timestamp} has no timezone; give one, such as timezone.utc")
    # The default resolver names the same metrics, but copies a long list of rules for every profile.
    return DatasetProfile(
        schema=DatasetSchema(resolvers=StandardResolver()), dataset_timestamp=timestamp, metadata=dict(metadata or {})
    )


def fold(profile: DatasetProfile, columns: Mapping[str, Column], private: Collection[str] = ()) -> None:
    """Add a batch of rows, given as columns of equal length, to the profile.

    Of a ``private`` column nothing is kept from which a value could be read. Nothing is added unless every column is
    sound; raises TypeError or ValueError naming the column that is not.
    Not thread-safe: one thread folds into one profile.
    """
    batch = {name: checked(name, column) for name, column in columns.items()}
    lengths = {name: len(column) for name, column in batch.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of unequal length: {', '.join(f'{k} has {v}' for k, v in lengths.items())}")
    for name, column in batch.items():
        sketches.update(_metrics(profile, name, column, name in private), column)
    profile._track_count += 1


def _metrics(profile: DatasetProfile, name: str, column: Values | Counts, private: bool) -> sketches.Metrics:
    """The column's metrics, made on its first batch as whylogs' schema makes them for such a type."""
    if name not in profile._columns:
        python_type = str if isinstance(column, Counts) else _PYTHON_TYPE[column.array.dtype.kind]
        schema = profile._schema
        resolver = PrivateResolver() if private else schema.resolvers
        column_schema = ColumnSchema(
            dtype=python_type, resolver=resolver, type_mapper=schema.type_mapper, cfg=schema.default_configs
        )
        profile._columns[name] = ColumnProfile(name=name, schema=column_schema, cache_size=schema.cache_size)
    return profile._columns[name]._metrics
