"""How the hours and weeks before a flight had gone: at its origin, for its carrier, to its destination."""

from collections.abc import Mapping

import narwhals as nw

from .clock import DAY, HOUR
from .history import Tally, known_before

LATE = 15
"""Minutes from which a flight counts as late (US Bureau of Transportation Statistics)."""

WAITING = 2 * HOUR
"""Minutes after which a flight that has not left is no longer counted as waiting."""


def origin_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per origin and instant: how departures went, the share cancelled, and how many overdue flights still wait."""
    due = nw.col("scheduled")
    gone = nw.min_horizontal(nw.col("departed"), nw.col("cancelled"), due + WAITING)
    tallies = [
        _departures({"1h": HOUR, "3h": 3 * HOUR}),
        Tally("departed", {"left": _one()}, {"6h": 6 * HOUR}),
        Tally("cancelled", {"cancelled": _one()}, {"6h": 6 * HOUR}),
        Tally("scheduled", {"waiting": _one()}, {"now": None}),
        Tally("gone", {"waiting_no_more": _one()}, {"now": None}),
    ]
    sums = known_before(timed.with_columns(gone=gone), ["origin"], tallies)
    return sums.with_columns(due_6h=nw.col("left_6h") + nw.col("cancelled_6h")).select(
        "origin",
        "scheduled",
        origin_dep_count_1h=nw.col("dep_count_1h"),
        origin_dep_late_1h=_mean("dep_late_1h", "dep_count_1h"),
        origin_dep_late_3h=_mean("dep_late_3h", "dep_count_3h"),
        origin_cancelled_6h=_mean("cancelled_6h", "due_6h"),
        origin_waiting=nw.col("waiting_now") - nw.col("waiting_no_more_now"),
    )


def carrier_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per carrier and instant: its departures from all three airports and its arrivals everywhere, last three hours."""
    window = {"3h": 3 * HOUR}
    sums = known_before(timed, ["carrier"], [_departures(window), _arrivals(window)])
    return sums.select(
        "carrier",
        "scheduled",
        carrier_dep_late_3h=_mean("dep_late_3h", "dep_count_3h"),
        carrier_arr_delay_3h=_mean("arr_delay_3h", "arr_count_3h"),
    )


def origin_carrier_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per origin, carrier and instant: the mean departure delay of the last three hours, in minutes."""
    minutes = Tally("departed", {"count": _one(), "delay": nw.col("dep_delay")}, {"3h": 3 * HOUR})
    sums = known_before(timed, ["origin", "carrier"], [minutes])
    return sums.select("origin", "carrier", "scheduled", origin_carrier_dep_delay_3h=_mean("delay_3h", "count_3h"))


def destination_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per destination and instant: number and mean arrival delay (minutes) of flights that had arrived there."""
    sums = known_before(timed, ["dest"], [_arrivals({"3h": 3 * HOUR, "24h": DAY})])
    return sums.select(
        "dest",
        "scheduled",
        dest_arr_delay_3h=_mean("arr_delay_3h", "arr_count_3h"),
        dest_arr_delay_24h=_mean("arr_delay_24h", "arr_count_24h"),
        dest_arr_count_24h=nw.col("arr_count_24h"),
    )


def flight_number_history(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Per flight number, destination and day (of UTC): the mean arrival delay of the 28 days before that day."""
    keys = ["carrier", "flight", "dest"]
    by_day = timed.with_columns(arrived_day=nw.col("arrived") // DAY)
    tally = Tally("arrived_day", {"count": _one(), "delay": nw.col("arr_delay")}, {"28d": 28})
    sums = known_before(by_day, keys, [tally], instant="scheduled_day")
    return sums.select(*keys, "scheduled_day", flight_arr_delay_28d=_mean("delay_28d", "count_28d"))


def _one() -> nw.Expr:
    return nw.lit(1).cast(nw.Int64)


def _departures(windows: Mapping[str, int | None]) -> Tally:
    late = (nw.col("dep_delay") >= LATE).cast(nw.Int64)
    return Tally("departed", {"dep_count": _one(), "dep_late": late}, windows)


def _arrivals(windows: Mapping[str, int | None]) -> Tally:
    return Tally("arrived", {"arr_count": _one(), "arr_delay": nw.col("arr_delay")}, windows)


def _mean(total: str, count: str) -> nw.Expr:
    """Null where nothing was counted: no news is not good news."""
    return nw.when(nw.col(count) > 0).then(nw.col(total).cast(nw.Float64) / nw.col(count).cast(nw.Float64))
