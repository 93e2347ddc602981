"""Scoring with Spark: the same scorer in every worker, on Arrow's batches."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import FloatType, StringType, StructField, StructType

from stillroom.scoring.checks import check_table
from stillroom.scoring.scorer import MODEL, Scorer


def score_spark(
    table: DataFrame, model: bytes, tag: str, keep: Sequence[str], batch_rows: int, providers: Sequence[str]
) -> DataFrame:
    """The scores of a table, as `stream.score_stream` makes them; arguments as of `Scorer`.

    The model's bytes are broadcast, and opened once in each of Spark's Python workers, which must be able to import
    `stillroom`. Raises InputError where the table does not fit.
    """
    scorer = Scorer(model, tag, keep, batch_rows, providers)
    check_table(_polars_schema(table), scorer)
    broadcast = table.sparkSession.sparkContext.broadcast(model)
    settings = (tag, tuple(keep), batch_rows, tuple(providers))

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        worker = _opened(broadcast.value, *settings)
        for batch in batches:
            yield _scored(batch, worker, tag)

    return table.select(scorer.needed).mapInArrow(score, _schema(table, scorer))


@cache
def _opened(model: bytes, tag: str, keep: tuple[str, ...], batch_rows: int, providers: tuple[str, ...]) -> Scorer:
    return Scorer(model, tag, keep, batch_rows, providers)


def _scored(batch: pa.RecordBatch, scorer: Scorer, tag: str) -> pa.RecordBatch:
    """What is kept stays as Arrow has it, so that its types are Spark's."""
    rows = pl.DataFrame(batch)
    predictions = scorer.predict(rows.select(scorer.ready(rows.schema))).reshape(batch.num_rows, len(scorer.columns))
    scored = [pa.array(np.ascontiguousarray(column)) for column in predictions.T]
    arrays = [*(batch.column(name) for name in scorer.keep), *scored, pa.array([tag] * batch.num_rows, pa.string())]
    return pa.RecordBatch.from_arrays(arrays, [*scorer.keep, *scorer.columns, MODEL])


def _schema(table: DataFrame, scorer: Scorer) -> StructType:
    kept = [table.schema[name] for name in scorer.keep]
    return StructType(
        [*kept, *(StructField(name, FloatType()) for name in scorer.columns), StructField(MODEL, StringType())]
    )


def _polars_schema(table: DataFrame) -> pl.Schema:
    return pl.DataFrame(to_arrow_schema(table.schema).empty_table()).schema
