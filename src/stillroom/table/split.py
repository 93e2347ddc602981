"""Which part of the table each row belongs to: train, validation, test or live, or to none."""

import datetime as dt
from typing import Any

import narwhals as nw
import polars as pl
from narwhals.typing import IntoLazyFrameT

from stillroom.table.errors import InputError
from stillroom.table.frames import schema_of
from stillroom.table.spec import RandomSplit, TableSpec, TimeSplit

SPLIT = "split"
UNLABELLED = "unlabelled"
EARLIER = "earlier"


def with_split(table: IntoLazyFrameT, spec: TableSpec) -> IntoLazyFrameT:
    """Add the column ``split``.

    Rows without a target (null, NaN or infinite) are `unlabelled` and take no part, but for the live ones, whose
    targets come later; nor do rows without a time where the split goes by time. Rows before the first day that is
    trained on are `earlier`. Raises InputError for a random split on Spark.
    """
    target = nw.col(spec.target)
    if schema_of(table)[spec.target].is_float():
        target = nw.when(target.is_finite()).then(target)
    rows = nw.from_native(_with_parts(table, spec)).with_columns(target.alias(spec.target))
    usable = ~nw.col(spec.target).is_null() | (nw.col(SPLIT) == "live").fill_null(False)
    return rows.with_columns(nw.when(usable).then(nw.col(SPLIT)).fill_null(UNLABELLED).alias(SPLIT)).to_native()


def part(table: IntoLazyFrameT, name: str) -> IntoLazyFrameT:
    """The rows of one part."""
    return nw.from_native(table).filter(nw.col(SPLIT) == name).to_native()


def reference_rows(table: pl.LazyFrame, spec: TableSpec) -> pl.LazyFrame:
    """The training split, and of its days the rows whose target never came: what a service would have been asked.

    Such as flights that were cancelled, which no model can learn of, but every service is asked of.
    """
    trained, unlabelled = part(table, "train"), part(table, UNLABELLED)
    if not spec.time:
        return pl.concat([trained, unlabelled])
    day = pl.col(spec.time).dt.date()
    days = trained.select(day=day).unique()
    return pl.concat([trained, unlabelled.join(days, left_on=day, right_on="day", how="semi")])


def _with_parts(table: Any, spec: TableSpec) -> Any:
    if isinstance(spec.split, TimeSplit):
        return nw.from_native(table).with_columns(_by_time(spec, spec.split).alias(SPLIT)).to_native()
    if not isinstance(table, pl.LazyFrame):
        raise InputError(
            f"table {spec.name}: a random split is drawn by Polars, not by Spark: split by time (table.split), or "
            "prepare the table without --env spark"
        )
    return table.with_columns(_at_random(spec, spec.split).alias(SPLIT))


def _by_time(spec: TableSpec, split: TimeSplit) -> nw.Expr:
    day = nw.col(spec.time or "").dt.date()
    begins: dict[str, dt.date | None] = {"validation": split.validation, "test": split.test, "live": split.live}
    part: nw.Expr = nw.when(day < split.validation).then(nw.lit("train"))
    if split.train:
        part = nw.when(day < split.train).then(nw.lit(EARLIER)).otherwise(part)
    for name, begin in begins.items():
        if begin:
            part = nw.when(day >= begin).then(nw.lit(name)).otherwise(part)
    return part


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
