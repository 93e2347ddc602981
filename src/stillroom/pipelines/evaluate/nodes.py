"""Nodes of the evaluate pipeline."""

import polars as pl

from stillroom.table.encoding import Encoding, encode
from stillroom.table.metrics import score
from stillroom.table.split import part
from stillroom.training.teachers.base import Teacher


def score_teacher(teacher: Teacher, training_table: pl.LazyFrame, encoding: Encoding) -> dict[str, float]:
    """The teacher's figures on the validation rows, by which its training was stopped too."""
    rows = part(training_table, "validation").collect().lazy()
    return score(encoding.target.task, encode(rows, encoding)["target"], teacher.predict(rows, encoding))
