"""Which part of the table each row belongs to: train, validation, test or live."""

import polars as pl

from stillroom.table.spec import RandomSplit, TableSpec, TimeSplit

SPLIT = "split"


def with_split(table: pl.LazyFrame, spec: TableSpec) -> pl.LazyFrame:
    """Add the column ``split`` and drop rows without a target, which only the live part may hold."""
    part = _by_time(spec, spec.split) if isinstance(spec.split, TimeSplit) else _at_random(spec, spec.split)
    known = pl.col(spec.target).is_not_null() | (pl.col(SPLIT) == "live")
    return table.with_columns(part.alias(SPLIT)).filter(known)


def part(table: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The rows of one part."""
    return table.filter(pl.col(SPLIT) == name)


def _by_time(spec: TableSpec, split: TimeSplit) -> pl.Expr:
    day = pl.col(spec.time or "").dt.date()
    labels = pl.when(day < split.validation).then(pl.lit("train"))
    labels = labels.when(day < split.test).then(pl.lit("validation"))
    if split.live is None:
        return labels.otherwise(pl.lit("test"))
    return labels.when(day < split.live).then(pl.lit("test")).otherwise(pl.lit("live"))


def _at_random(spec: TableSpec, split: RandomSplit) -> pl.Expr:
    key = pl.col(spec.row_id) if spec.row_id else pl.int_range(pl.len())
    draw = (key.hash(split.seed) % 1_000_000) / 1_000_000
    labels = pl.when(draw < split.validation).then(pl.lit("validation"))
    labels = labels.when(draw < split.validation + split.test).then(pl.lit("test"))
    labels = labels.when(draw < split.validation + split.test + split.live).then(pl.lit("live"))
    return labels.otherwise(pl.lit("train"))
