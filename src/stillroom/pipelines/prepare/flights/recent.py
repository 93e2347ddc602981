"""How the hours and weeks before a flight had gone: at its origin, for its carrier, to its destination.

Which windows are kept was measured with LightGBM, trained on January to August and scored on later months: shorter
windows, wider sets of keys and longer memories than these added nothing.
"""

from collections.abc import Mapping

import narwhals as nw

from .clock import DAY, HOUR
from .history import Tally, known_before, last

LATE = 15
"""Minutes from which a flight counts as late (US Bureau of Transportation Statistics)."""

WAITING = 2 * HOUR
"""Minutes after which a flight that has not left is no longer counted as waiting."""

ONE = nw.lit(1).cast(nw.Int64)


def origin_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per origin and instant: how departures went in three hours, and how many overdue flights still wait."""
    due, settled = nw.col("scheduled"), nw.col("settled")
    outcomes = {"left": _known("dep_delay"), "late": _late("dep_delay"), "settled": ONE}
    tallies = [
        Tally(settled, outcomes, last(settled, {"3h": 3 * HOUR})),
        Tally(due, {"waiting": ONE}, {"now": nw.min_horizontal(settled, due + WAITING)}),
    ]
    return known_before(timed, "origin", tallies).select(
        "origin",
        "scheduled",
        origin_dep_count_3h=nw.col("left_3h"),
        origin_dep_late_3h=_mean("late_3h", "left_3h"),
        origin_cancelled_3h=1 - _mean("left_3h", "settled_3h"),
        origin_waiting=nw.col("waiting_now"),
    )


def carrier_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per origin, carrier and instant: how the carrier's flights from there left (3 hours) and arrived (6 hours)."""
    departed = nw.col("departed")
    departures = {"left": _known("dep_delay"), "late": _late("dep_delay"), "dep_delay": nw.col("dep_delay")}
    tallies = [Tally(departed, departures, last(departed, {"3h": 3 * HOUR})), _arrivals({"6h": 6 * HOUR})]
    return known_before(timed, "origin_carrier", tallies).select(
        "origin_carrier",
        "scheduled",
        carrier_dep_late_3h=_mean("late_3h", "left_3h"),
        carrier_dep_delay_3h=_mean("dep_delay_3h", "left_3h"),
        carrier_arr_delay_6h=_mean("arr_delay_6h", "landed_6h"),
    )


def destination_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per destination and instant: number and mean arrival delay (minutes) of the flights that had arrived there."""
    return known_before(timed, "dest", [_arrivals({"3h": 3 * HOUR, "24h": DAY})]).select(
        "dest",
        "scheduled",
        dest_arr_delay_3h=_mean("arr_delay_3h", "landed_3h"),
        dest_arr_delay_24h=_mean("arr_delay_24h", "landed_24h"),
        dest_arr_count_24h=nw.col("landed_24h"),
    )


def flight_number_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per flight number and day (of UTC): the mean arrival delay of the 28 days before that day."""
    day = nw.col("arrived") // DAY
    arrivals = {"landed": _known("arr_delay"), "arr_delay": nw.col("arr_delay")}
    tally = Tally(day, arrivals, last(day, {"28d": 28}))
    return known_before(timed, "flight_number", [tally], instant="scheduled_day").select(
        "flight_number", "scheduled_day", flight_arr_delay_28d=_mean("arr_delay_28d", "landed_28d")
    )


def _arrivals(windows: Mapping[str, int]) -> Tally:
    arrived = nw.col("arrived")
    return Tally(arrived, {"landed": _known("arr_delay"), "arr_delay": nw.col("arr_delay")}, last(arrived, windows))


def _known(delay: str) -> nw.Expr:
    return (~nw.col(delay).is_null()).cast(nw.Int64)


def _late(delay: str) -> nw.Expr:
    return (nw.col(delay) >= LATE).cast(nw.Int64)


def _mean(total: str, count: str) -> nw.Expr:
    """Null where nothing was counted: no news is not good news."""
    return nw.when(nw.col(count) > 0).then(nw.col(total).cast(nw.Float64) / nw.col(count).cast(nw.Float64))
