"""How a table's rows are split: by time where a time column is named, else at random."""

import polars as pl

from stillroom.table.errors import InputError
from stillroom.table.spec import RandomSplit, TableSpec, TimeSplit
from stillroom.table.split import SPLIT, with_split

VALIDATION, TEST, LIVE = 0.15, 0.15, 0.1
EPOCH_SECONDS, EPOCH_MILLISECONDS = (10**8, 10**10), (10**11, 10**13)


def as_time(frame: pl.LazyFrame, time: str) -> pl.LazyFrame:
    """The frame with its time column as dates or times of UTC; whole numbers may be years, 20240131, or Unix times.

    Raises InputError where it is none of these.
    """
    dtype = frame.collect_schema()[time]
    column = pl.col(time)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return frame.with_columns(column.dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    if dtype in (pl.Date, pl.Datetime):
        return frame
    if dtype.is_integer():
        low, high = frame.select(column.min().alias("low"), column.max().alias("high")).collect().row(0)
        for lowest, highest, read in _whole_number_times(column):
            if lowest <= (low or 0) and (high or 0) <= highest:
                return frame.with_columns(read.alias(time))
    raise InputError(f"--time {time}: its values are {dtype}, and no dates that can be read: write them as 2024-01-31")


def _whole_number_times(column: pl.Expr) -> list[tuple[int, int, pl.Expr]]:
    return [
        (1800, 2200, pl.date(column, 1, 1)),
        (18000101, 22001231, column.cast(pl.String).str.to_date("%Y%m%d", strict=False)),
        (*EPOCH_SECONDS, pl.from_epoch(column, "s")),
        (*EPOCH_MILLISECONDS, pl.from_epoch(column, "ms")),
    ]


def split_by_time(frame: pl.LazyFrame, time: str) -> TimeSplit:
    """Whole days, cut so that the last rows are live, those before the test, and those before the validation."""
    day = pl.col(time).dt.date().alias("day")
    days = frame.select(day).drop_nulls().group_by("day").len().sort("day").collect(engine="streaming")
    if days.height < 4:
        raise InputError(f"--time {time} has {days.height} different days: a split by time takes four; leave it out")
    before = (days["len"].cum_sum() - days["len"]) / days["len"].sum()
    cuts: list[int] = []
    for number, share in enumerate((1 - VALIDATION - TEST - LIVE, 1 - TEST - LIVE, 1 - LIVE)):
        wanted = int((before < share).sum())
        cuts.append(min(max(wanted, number + 1, *(cut + 1 for cut in cuts)), days.height - 3 + number))
    validation, test, live = (days["day"][cut] for cut in cuts)
    return TimeSplit(kind="time", validation=validation, test=test, live=live)


def split_at_random() -> RandomSplit:
    """Shares of the rows, by a fixed seed."""
    return RandomSplit(kind="random", seed=1, validation=VALIDATION, test=TEST, live=LIVE)


def never_taught(frame: pl.LazyFrame, spec: TableSpec) -> list[str]:
    """The classes of a target that only rows after the training split have.

    Raises InputError where a part that is needed has no rows, or of a binary task only one class.
    """
    value = pl.lit(None, pl.String) if spec.task == "regression" else pl.col(spec.target).cast(pl.String)
    rows = with_split(frame, spec).filter(pl.col(spec.target).is_not_null()).group_by(SPLIT, value.alias("value")).len()
    found: dict[str, set[str]] = {"train": set(), "validation": set(), "test": set(), "live": set()}
    for part, value_of, _ in rows.collect(engine="streaming").iter_rows():
        found.setdefault(part, set()).add(value_of)
    for part in ("train", "validation", "test"):
        if not found[part]:
            raise InputError(f"the split leaves no rows for {part}: the table has too few rows, days or groups")
        if spec.task == "binary" and len(found[part]) < 2:
            only = next(iter(found[part]))
            raise InputError(f"in the {part} part every {spec.target} is {only!r}: leave out --time or --group")
    return sorted(set.union(*found.values()) - found["train"]) if spec.task == "multiclass" else []
