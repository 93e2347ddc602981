"""The flights' training table: one row per flight that was meant to leave, as seen at its scheduled departure."""

from collections.abc import Sequence

import narwhals as nw

from .recent import LATE

IDENTITY = ["flight_id", "scheduled_departure", "arrived_late"]
CATEGORICAL = ["carrier", "origin", "dest", "manufacturer", "previous_state"]
CALENDAR = ["month", "weekday", "hour", "minute_of_day", "days_to_holiday", "days_since_holiday"]
FLIGHT = ["distance", "duration", "dest_lat", "dest_lon", "dest_alt", "plane_age", "seats"]
LOAD = ["origin_load", "carrier_load"]
WEATHER = [
    "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "wind_east", "wind_north", "precip", "pressure",
    "pressure_change_3h", "visib",
]  # fmt: skip
HISTORY = [
    "origin_dep_count_3h", "origin_dep_late_3h", "origin_cancelled_3h", "origin_waiting",
    "carrier_dep_late_3h", "carrier_dep_delay_3h", "carrier_arr_delay_6h", "dest_arr_delay_3h",
    "dest_arr_delay_24h", "dest_arr_count_24h", "flight_arr_delay_28d",
]  # fmt: skip
PREVIOUS_LEG = [
    "previous_since", "previous_dep_delay", "previous_arr_delay", "previous_arrived_since", "previous_slack",
    "previous_planned_slack",
]  # fmt: skip
COLUMNS = [*IDENTITY, *CATEGORICAL, *CALENDAR, *FLIGHT, *LOAD, *WEATHER, *HISTORY, *PREVIOUS_LEG]

KEYS = [
    ["origin", "scheduled"],
    ["origin_carrier", "scheduled"],
    ["dest", "scheduled"],
    ["flight_number", "scheduled_day"],
    ["tailnum"],
    ["origin", "time_hour"],
]
"""The keys of what is joined to the flights: the histories of origin, carrier, destination and flight number, planes,
weather. Each has at most one row per key; the widest come last, since every join copies the columns before it."""


def joined(flights: nw.LazyFrame, parts: Sequence[nw.LazyFrame]) -> nw.LazyFrame:
    """The flights with every part of `KEYS`, reduced to `COLUMNS`: nothing known only after departure remains."""
    table = flights
    for part, keys in zip(parts, KEYS, strict=True):
        table = table.join(part, on=keys, how="left")
    return table.with_columns(
        # A flight without an arrival delay was cancelled or diverted, and has no target.
        arrived_late=(nw.col("arr_delay") >= LATE).cast(nw.Int64),
        minute_of_day=nw.col("hour") * 60 + nw.col("minute"),
        plane_age=nw.col("year") - nw.col("plane_built"),
    ).select(*COLUMNS)
