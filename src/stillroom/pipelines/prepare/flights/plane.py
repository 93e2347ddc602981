"""The plane of a flight, and its previous departure from New York as far as that was known."""

import narwhals as nw

from .clock import DAY

OUTCOME = ["scheduled", "departed", "arrived", "cancelled", "dep_delay", "arr_delay", "duration"]


def plane_facts(planes: nw.LazyFrame) -> nw.LazyFrame:
    """One row per tail number."""
    return planes.select("tailnum", "manufacturer", "seats", nw.col("year").alias("plane_built"))


def previous_leg(timed: nw.LazyFrame) -> nw.LazyFrame:
    """One row per flight that follows another of the same plane within a day; times in minutes.

    Whatever became known at the row's scheduled departure or later is null, and the state says which: `waiting` (has
    not left), `cancelled`, `flying` (has left, arrival not known), `arrived`. `previous_slack` is what is left of the
    time since the arrival if the plane flew straight back, `previous_planned_slack` the same by schedule.
    """
    # Two flights of one plane at one instant are an error of the data; the identifier makes their order certain.
    order = ["scheduled", "flight_id"]
    legs = timed.filter(~nw.col("tailnum").is_null()).select("flight_id", "tailnum", *OUTCOME)
    before = [nw.col(name).shift(1).over("tailnum", order_by=order).alias(f"before_{name}") for name in OUTCOME]
    now = nw.col("scheduled")
    departed, arrived = nw.col("before_departed") < now, nw.col("before_arrived") < now
    since_arrival = nw.when(arrived).then(now - nw.col("before_arrived"))
    since_schedule = now - nw.col("before_scheduled")
    return (
        legs.with_columns(*before)
        .filter(since_schedule < DAY)
        .select(
            "flight_id",
            previous_state=_state(departed, arrived, nw.col("before_cancelled") < now),
            previous_since=since_schedule,
            previous_dep_delay=nw.when(departed).then(nw.col("before_dep_delay")),
            previous_arr_delay=nw.when(arrived).then(nw.col("before_arr_delay")),
            previous_arrived_since=since_arrival,
            previous_slack=since_arrival - nw.col("before_duration"),
            previous_planned_slack=since_schedule - 2 * nw.col("before_duration"),
        )
    )


def _state(departed: nw.Expr, arrived: nw.Expr, cancelled: nw.Expr) -> nw.Expr:
    state = nw.when(departed).then(nw.lit("flying")).otherwise(nw.lit("waiting"))
    state = nw.when(cancelled).then(nw.lit("cancelled")).otherwise(state)
    return nw.when(arrived).then(nw.lit("arrived")).otherwise(state)
