"""The plane of a flight, and its previous departure from New York as far as that was known."""

import narwhals as nw

from .clock import CANCELLATION_KNOWN_AFTER, DAY

TOLD = ["scheduled", "departed", "arrived", "dep_delay", "arr_delay", "duration"]


def plane_facts(planes: nw.LazyFrame) -> nw.LazyFrame:
    """One row per tail number."""
    return planes.select("tailnum", "manufacturer", "seats", nw.col("year").alias("plane_built"))


def with_previous_leg(timed: nw.LazyFrame) -> nw.LazyFrame:
    """The flights with what was known of the same plane's previous flight of the day before; times in minutes.

    Null where there was no such flight, and for whatever became known at the row's scheduled departure or later; the
    state says which: `waiting` (has not left), `cancelled`, `flying` (has left, arrival not known), `arrived`.
    `previous_slack` is what remained of the time since the arrival if the plane flew straight back,
    `previous_planned_slack` the same by schedule.
    """
    # Two flights of one plane at one instant are an error of the data; the flight number makes their order certain.
    in_order = timed.with_columns(place=nw.col("scheduled") * 10_000 + nw.col("flight"))
    before = [nw.col(name).shift(1).over("tailnum", order_by="place").alias(f"before_{name}") for name in TOLD]
    now = nw.col("scheduled")
    # Cancelled flights may have no tail number; together they are not one plane.
    known = ~nw.col("tailnum").is_null() & (now - nw.col("before_scheduled") < DAY)
    departed, arrived = known & (nw.col("before_departed") < now), known & (nw.col("before_arrived") < now)
    since_schedule = nw.when(known).then(now - nw.col("before_scheduled"))
    since_arrival = nw.when(arrived).then(now - nw.col("before_arrived"))
    cancelled = nw.col("before_departed").is_null() & (since_schedule > CANCELLATION_KNOWN_AFTER)
    state = _state(departed, arrived, cancelled)
    return in_order.with_columns(*before).with_columns(
        previous_state=nw.when(known).then(state),
        previous_since=since_schedule,
        previous_dep_delay=nw.when(departed).then(nw.col("before_dep_delay")),
        previous_arr_delay=nw.when(arrived).then(nw.col("before_arr_delay")),
        previous_arrived_since=since_arrival,
        previous_slack=since_arrival - nw.col("before_duration"),
        previous_planned_slack=since_schedule - 2 * nw.col("before_duration"),
    )


def _state(departed: nw.Expr, arrived: nw.Expr, cancelled: nw.Expr) -> nw.Expr:
    state = nw.when(departed).then(nw.lit("flying")).otherwise(nw.lit("waiting"))
    state = nw.when(cancelled).then(nw.lit("cancelled")).otherwise(state)
    return nw.when(arrived).then(nw.lit("arrived")).otherwise(state)
