"""Nodes of the score pipeline."""

from typing import Any

import polars as pl

from stillroom.datasets.bento import Release
from stillroom.scoring.checks import kept
from stillroom.scoring.scorer import Scorer
from stillroom.scoring.settings import ScoreConfig
from stillroom.scoring.stream import score_stream
from stillroom.table.errors import InputError
from stillroom.table.spec import TableSpec


def score_table(to_score: Any, champion_model: Release | None, table: TableSpec, score: ScoreConfig) -> Any:
    """The champion's predictions for every row, and the version that made them: a query, run when it is saved.

    On the engine of the table: a `polars.LazyFrame`, or a `pyspark.sql.DataFrame` with `--env spark`.
    """
    if champion_model is None:
        raise InputError(f"table {table.name} has no champion to score with: `kedro run` releases one")
    if isinstance(to_score, pl.LazyFrame):
        keep = kept(table.row_id, score.keep, to_score.collect_schema().names())
        scorer = Scorer(champion_model.onnx, champion_model.tag, keep, score.batch_rows, score.providers)
        return score_stream(to_score, scorer, score.progress)
    from stillroom.scoring.spark import score_spark

    keep = kept(table.row_id, score.keep, to_score.columns)
    return score_spark(to_score, champion_model.onnx, champion_model.tag, keep, score.batch_rows, score.providers)
