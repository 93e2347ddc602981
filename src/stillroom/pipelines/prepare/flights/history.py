"""What had become known strictly before an instant: sums of whole numbers per key.

Two ways to the same sums, for polars has a join by nearest key and Spark has none. Whole numbers, and one row per key and
instant before anything is summed up over time, make both exact and independent of the order of rows and of ties.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

AT = "at"
NEVER = 2**40
"""An instant after every other. Events that never became known wait there: a filter would make polars compute the
flights' instants once for every history, since it pushes filters below the plan that the histories share."""


@dataclass(frozen=True)
class Tally:
    """Sums of whole-number `values` of the events known at `known` (null: never), over moving `windows`.

    A window maps the suffix of its sums to its length in the unit of the instants, or to None if events never leave it;
    it holds the events with instant - length <= known < instant. The sums are named value_suffix, such as `late_3h`.
    """

    known: nw.Expr
    values: Mapping[str, nw.Expr]
    windows: Mapping[str, int | None]


def known_before(
    flights: nw.LazyFrame, keys: Sequence[str], tallies: Sequence[Tally], instant: str = "scheduled"
) -> nw.LazyFrame:
    """The sums as they stood before every instant at which a flight of these keys asks.

    Returns one row per keys and instant, with columns `keys`, `instant` and the sums.
    """
    rows = flights.select(*keys, instant).unique()
    for tally in tallies:
        rows = _with_sums(rows, flights, keys, tally, instant)
    return rows


def _with_sums(
    rows: nw.LazyFrame, flights: nw.LazyFrame, keys: Sequence[str], tally: Tally, instant: str
) -> nw.LazyFrame:
    values = list(tally.values)
    now, then = [f"{v}_now" for v in values], [f"{v}_then" for v in values]
    events = flights.select(*keys, tally.known.fill_null(NEVER).alias(AT), **tally.values)
    events = events.group_by(*keys, AT).agg(*[nw.col(v).sum() for v in values])
    rows = _total_before(rows, events.rename(dict(zip(values, now, strict=True))), keys, nw.col(instant), now)
    for suffix, length in tally.windows.items():
        if length is None:
            rows = rows.with_columns(*[nw.col(n).alias(f"{v}_{suffix}") for v, n in zip(values, now, strict=True)])
            continue
        past = events.rename(dict(zip(values, then, strict=True)))
        rows = _total_before(rows, past, keys, nw.col(instant) - length, then)
        sums = [(nw.col(f"{v}_now") - nw.col(f"{v}_then")).alias(f"{v}_{suffix}") for v in values]
        rows = rows.with_columns(*sums).drop(*then)
    return rows.drop(*now)


def _total_before(
    rows: nw.LazyFrame, events: nw.LazyFrame, keys: Sequence[str], instant: nw.Expr, values: Sequence[str]
) -> nw.LazyFrame:
    """The rows with the sums of `values` over all events of their keys before an instant, nought where there are none."""
    way = nearest if rows.implementation.is_polars() else merged
    found = way(rows.with_columns((instant - 1).alias(AT)), events, keys, values)
    return found.drop(AT).with_columns(*[nw.col(v).fill_null(0) for v in values])


def running(events: nw.LazyFrame, keys: Sequence[str], values: Sequence[str]) -> nw.LazyFrame:
    """The events' sums so far, per keys; `events` has one row per keys and instant."""
    return events.with_columns(*[nw.col(v).cum_sum().over(*keys, order_by=AT) for v in values])


def nearest(rows: nw.LazyFrame, events: nw.LazyFrame, keys: Sequence[str], values: Sequence[str]) -> nw.LazyFrame:
    """The sums of events up to `at`, by a join with the last event at or before it."""
    return rows.sort(AT).join_asof(running(events, keys, values).sort(AT), on=AT, by=list(keys), strategy="backward")


def merged(rows: nw.LazyFrame, events: nw.LazyFrame, keys: Sequence[str], values: Sequence[str]) -> nw.LazyFrame:
    """The same by joins on equal keys alone: the instants asked for become events of nought."""
    asked = rows.select(*keys, AT, *[nw.lit(0).cast(nw.Int64).alias(v) for v in values])
    both = nw.concat([events.select(*keys, AT, *values), asked], how="vertical")
    both = both.group_by(*keys, AT).agg(*[nw.col(v).sum() for v in values])
    return rows.join(running(both, keys, values), on=[*keys, AT], how="left")
