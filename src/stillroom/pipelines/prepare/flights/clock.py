"""When things happened: every instant as whole minutes of UTC since 1970.

The raw table writes local wall-clock times as HHMM integers. Whole minutes make windows exact, ties visible and
arithmetic the same on every engine.
"""

import narwhals as nw

from .holidays import calendar

HOUR = 60
DAY = 24 * HOUR
STANDARD_OFFSET_OF_MISSING = {"BQN": -4, "PSE": -4, "SJU": -4, "STT": -4}
"""Hours from UTC of the destinations that `airports` lacks: Puerto Rico and the Virgin Islands, all year round."""

CANCELLATION_KNOWN_AFTER = 60
"""Minutes from the scheduled departure. The data does not say when a flight was cancelled; an hour is the safe side."""


def minute_of_day(hhmm: nw.Expr) -> nw.Expr:
    """Minutes since midnight of an HHMM integer: 1545 is 945, 2400 is 1440."""
    return hhmm // 100 * 60 + hhmm % 100


def on_the_clock(flights: nw.LazyFrame, airports: nw.LazyFrame) -> nw.LazyFrame:
    """The flights with their instants (minutes of UTC) and what is known of them when.

    Adds `scheduled`, `duration` (scheduled minutes in the air and on the taxiways), `departed`, `arrived`,
    `cancelled` (each the instant from which it is known; null where it never happened), `settled` (whichever of
    departure and cancellation came), `flight_id` and
    `scheduled_departure`, and the calendar's and the destination's columns.
    """
    hour_shift = (nw.col("time_hour").dt.hour().cast(nw.Int64) + 24 - nw.col("hour")) % 24
    local = nw.col("day_number") * DAY + nw.col("hour") * 60 + nw.col("minute")
    timed = (
        flights.join(calendar(flights), on=["year", "month", "day"], how="left")
        .join(destinations(airports), on="dest", how="left")
        .with_columns(offset=_offset(), summer_time=nw.col("summer_time").fill_null(0))
        .with_columns(scheduled=local + hour_shift * 60)
    )
    return _named(_known(timed.with_columns(duration=_duration())))


def destinations(airports: nw.LazyFrame) -> nw.LazyFrame:
    """One row per airport: place, standard offset from UTC (hours), and whether it keeps US summer time."""
    return airports.select(
        nw.col("faa").alias("dest"),
        nw.col("lat").alias("dest_lat"),
        nw.col("lon").alias("dest_lon"),
        nw.col("alt").alias("dest_alt"),
        nw.col("tz").alias("offset"),
        (nw.col("dst") == "A").cast(nw.Int64).alias("summer_time"),
    )


def _offset() -> nw.Expr:
    """Standard offset of the destination in minutes; null where nobody knows it."""
    offset = nw.col("offset")
    for airport, hours in STANDARD_OFFSET_OF_MISSING.items():
        offset = nw.when(offset.is_null() & (nw.col("dest") == airport)).then(nw.lit(hours)).otherwise(offset)
    return offset * 60


def _summer_minutes(instant: nw.Expr) -> nw.Expr:
    """Minutes by which the destination's clock is ahead of its standard time at an instant."""
    standard = instant + nw.col("offset")
    in_force = (standard >= nw.col("summer_start")) & (standard < nw.col("summer_end"))
    return in_force.cast(nw.Int64) * nw.col("summer_time") * 60


def _duration() -> nw.Expr:
    """Scheduled minutes from gate to gate: the difference of the two clocks, each in its own zone and season."""
    scheduled = nw.col("scheduled")
    before = _summer_minutes(scheduled)
    at_departure = (scheduled + nw.col("offset") + before) % DAY
    apparent = (minute_of_day(nw.col("sched_arr_time")) + DAY - at_departure) % DAY
    # A clock that is put forward on the way shows an hour that nobody flew.
    return apparent - (_summer_minutes(scheduled + apparent) - before)


def _known(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Adds from when each outcome is known, never earlier than the truth."""
    scheduled = nw.col("scheduled")
    left = nw.max_horizontal(scheduled, scheduled + nw.col("dep_delay"))
    return timed.with_columns(
        scheduled_day=scheduled // DAY,
        # A flight that left ahead of time counts from its scheduled minute, so that no row sees its own departure.
        departed=nw.when(~nw.col("dep_delay").is_null()).then(left),
        # An arrival by the clock of an unknown time zone is less than a day after the departure.
        arrived=scheduled + nw.col("duration").fill_null(DAY) + nw.col("arr_delay"),
        cancelled=nw.when(nw.col("dep_delay").is_null()).then(scheduled + CANCELLATION_KNOWN_AFTER),
    ).with_columns(settled=nw.col("departed").fill_null(nw.col("cancelled")))


def _named(timed: nw.LazyFrame) -> nw.LazyFrame:
    """Adds `scheduled_departure` by New York's clock, `flight_id`, such as 2013-01-01|UA|1545|EWR|0515, and its parts.

    One text instead of two columns, `flight_number` and `origin_carrier`, makes a key that windows group by in half the
    time.
    """
    named = timed.with_columns(
        hhmm=nw.col("sched_dep_time").cast(nw.String).str.zfill(4),
        flight_number=_joined("|", "carrier", nw.col("flight").cast(nw.String)),
        origin_carrier=_joined("|", "origin", "carrier"),
    )
    return named.with_columns(
        flight_id=_joined("|", "date", "flight_number", "origin", "hhmm"),
        scheduled_departure=_joined("T", "date", "hhmm").str.to_datetime(format="%Y-%m-%dT%H%M"),
    )


def _joined(separator: str, *parts: str | nw.Expr) -> nw.Expr:
    return nw.concat_str(*parts, separator=separator)
