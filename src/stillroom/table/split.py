"""Which part of the table each row belongs to: train, validation, test or live, or to none."""

import polars as pl

from stillroom.table.spec import RandomSplit, TableSpec, TimeSplit

SPLIT = "split"
UNLABELLED = "unlabelled"
EARLIER = "earlier"


def with_split(table: pl.LazyFrame, spec: TableSpec) -> pl.LazyFrame:
    """Add the column ``split``.

    Rows without a target (null, NaN or infinite) are `unlabelled` and take no part, but for the live ones, whose
    targets come later; nor do rows without a time where the split goes by time. Rows before the first day that is
    trained on are `earlier`.
    """
    part = _by_time(spec, spec.split) if isinstance(spec.split, TimeSplit) else _at_random(spec, spec.split)
    target = pl.col(spec.target)
    if table.collect_schema()[spec.target].is_float():
        target = pl.when(target.is_finite()).then(target)
    rows = table.with_columns(part.alias(SPLIT), target.alias(spec.target))
    usable = pl.col(spec.target).is_not_null() | (pl.col(SPLIT) == "live")
    return rows.with_columns(pl.when(usable).then(pl.col(SPLIT)).fill_null(UNLABELLED))


def part(table: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The rows of one part."""
    return table.filter(pl.col(SPLIT) == name)


def _by_time(spec: TableSpec, split: TimeSplit) -> pl.Expr:
    day = pl.col(spec.time or "").dt.date()
    live = day >= split.live if split.live else pl.lit(False)
    earlier = day < split.train if split.train else pl.lit(False)
    return (
        pl.when(live).then(pl.lit("live"))
        .when(day >= split.test).then(pl.lit("test"))
        .when(day >= split.validation).then(pl.lit("validation"))
        .when(earlier).then(pl.lit(EARLIER))
        .when(day < split.validation).then(pl.lit("train"))
    )  # fmt: skip


def _at_random(spec: TableSpec, split: RandomSplit) -> pl.Expr:
    together = spec.group or spec.row_id
    key = pl.col(together) if together else pl.int_range(pl.len())
    draw = (key.hash(split.seed) % 1_000_000) / 1_000_000
    return (
        pl.when(draw < split.validation).then(pl.lit("validation"))
        .when(draw < split.validation + split.test).then(pl.lit("test"))
        .when(draw < split.validation + split.test + split.live).then(pl.lit("live"))
        .otherwise(pl.lit("train"))
    )  # fmt: skip
