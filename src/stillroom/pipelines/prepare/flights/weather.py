"""The weather at the origin in the hour of departure."""

import math

import narwhals as nw

MEASURED = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]


def hourly_weather(weather: nw.LazyFrame) -> nw.LazyFrame:
    """One row per origin and hour (`time_hour`, UTC), in the units of the raw table.

    Adds the wind as components, blowing from the east and from the north, since 359 and 1 degree are the same wind,
    and the pressure's change over three hours.
    """
    angle = nw.col("wind_dir") * (math.pi / 180)
    earlier = weather.select("origin", nw.col("time_hour").dt.offset_by("3h"), earlier=nw.col("pressure"))
    return (
        weather.join(earlier, on=["origin", "time_hour"], how="left")
        .with_columns(
            wind_east=angle.sin() * nw.col("wind_speed"),
            wind_north=angle.cos() * nw.col("wind_speed"),
            pressure_change_3h=nw.col("pressure") - nw.col("earlier"),
        )
        .select("origin", "time_hour", *MEASURED, "wind_east", "wind_north", "pressure_change_3h")
    )
