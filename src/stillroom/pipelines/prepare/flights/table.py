"""The flights' training table: one row per flight that was meant to leave, as seen at its scheduled departure."""

from collections.abc import Mapping

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
    "origin_dep_count_1h", "origin_dep_late_1h", "origin_dep_late_3h", "origin_cancelled_3h", "origin_waiting",
    "carrier_dep_late_3h", "carrier_dep_delay_3h", "carrier_arr_delay_6h", "dest_arr_delay_3h",
    "dest_arr_delay_24h", "dest_arr_count_24h", "flight_arr_delay_28d",
]  # fmt: skip
PREVIOUS_LEG = [
    "previous_since", "previous_dep_delay", "previous_arr_delay", "previous_arrived_since", "previous_slack",
    "previous_planned_slack",
]  # fmt: skip
COLUMNS = [*IDENTITY, *CATEGORICAL, *CALENDAR, *FLIGHT, *LOAD, *WEATHER, *HISTORY, *PREVIOUS_LEG]

KEYS = {
    "planes": ["tailnum"],
    "weather": ["origin", "time_hour"],
    "origin_load": ["origin", "time_hour"],
    "carrier_load": ["origin", "carrier", "time_hour"],
    "origin_history": ["origin", "scheduled"],
    "carrier_history": ["origin", "carrier", "scheduled"],
    "destination_history": ["dest", "scheduled"],
    "flight_number_history": ["carrier", "flight", "dest", "scheduled_day"],
    "previous_leg": ["flight_id"],
}
"""The key of everything that is joined to a flight; each has at most one row per key."""


def joined(timed: nw.LazyFrame, parts: Mapping[str, nw.LazyFrame]) -> nw.LazyFrame:
    """The flights with every part of `KEYS`, reduced to `COLUMNS`: nothing known only after departure remains."""
    table = timed
    for part, keys in KEYS.items():
        table = table.join(parts[part], on=keys, how="left")
    return table.with_columns(
        # A flight without a known arrival delay (cancelled, diverted) has no target.
        arrived_late=(nw.col("arr_delay") >= LATE).cast(nw.Int64),
        minute_of_day=nw.col("hour") * 60 + nw.col("minute"),
        plane_age=nw.col("year") - nw.col("plane_built"),
    ).select(*COLUMNS)
