"""The flights table: the prepare nodes on Polars, the same nodes on Spark, and the same logic in pandas, in one run.

PYTHONPATH=src python benchmarks/prepare_vs_pandas.py
PYTHONPATH=src python benchmarks/prepare_vs_pandas.py 1 10:polars,pandas 30:polars,spark

Numbers take the flights so many times over, each copy a year later, and end with how time grows with rows. Which
engines take part may follow a colon (pandas holds all in memory). Spark is local[*] and computes the table without
keeping it; the start of its session does not count.

pandas is tried in two ways: with the moving windows it offers (`groupby.rolling`), and with running sums looked up by
`merge_asof`, which takes more thought and less time. Its raw tables are in memory already, while polars' time includes
reading the Parquet files. pandas works on one core and polars on all, so that seconds of CPU are shown as well. Since
pandas takes summer time from the time zone database and holidays from its own calendar, equal tables check our rules.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from pandas.tseries.holiday import AbstractHolidayCalendar, Holiday, USFederalHolidayCalendar

from flights_times import write_times
from stillroom.pipelines.prepare.flights import create_pipeline
from stillroom.pipelines.prepare.flights.table import COLUMNS
from stillroom.table.settings import PrepareConfig

TABLES = ["flights", "weather", "planes", "airports"]
PUERTO_RICO = {"BQN", "PSE", "SJU", "STT"}
NEW_YORK = "America/New_York"
TIMES = 3
Windows = Callable[..., pd.DataFrame]


def with_polars(raw: Path) -> pl.DataFrame:
    """The prepare nodes, run in order, and their one query, or one a block of time."""
    data: dict[str, Any] = {name: pl.scan_parquet(raw / f"{name}.parquet") for name in TABLES}
    data["params:prepare"] = PrepareConfig()
    for node in create_pipeline().nodes:
        data |= node.run({name: data[name] for name in node.inputs})
    table = data["flights_table"]
    blocks = table.values() if isinstance(table, dict) else [table]
    return pl.concat([block.collect(engine="streaming") for block in blocks])


def with_spark(raw: Path) -> None:
    """The same nodes on Spark, computed to the last row and column, which go nowhere."""
    from pyspark.sql import SparkSession

    builder = (
        SparkSession.builder.master("local[*]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.showConsoleProgress", "false")
    )
    session = builder.config("spark.driver.memory", "4g").config("spark.ui.enabled", "false").getOrCreate()
    data: dict[str, Any] = {name: session.read.parquet(str(raw / f"{name}.parquet")) for name in TABLES}
    data["params:prepare"] = PrepareConfig()
    for node in create_pipeline().nodes:
        data |= node.run({name: data[name] for name in node.inputs})
    data["flights_table"].write.format("noop").mode("overwrite").save()


def minutes(instants: pd.Series) -> pd.Series:
    """Whole minutes since 1970 of instants in UTC."""
    return instants.dt.tz_localize(None).astype("datetime64[s]").astype("int64") // 60


def scheduled_duration(flights: pd.DataFrame, departure: pd.Series) -> pd.Series:
    """Minutes from the scheduled departure to the first time the destination's clock shows the scheduled arrival."""
    duration = pd.Series(np.nan, index=flights.index)
    clock = pd.to_timedelta(flights.sched_arr_time // 100 * 60 + flights.sched_arr_time % 100, unit="min")
    for zone, rows in flights.groupby("tzone").groups.items():
        left = departure[rows].dt.tz_convert(zone).dt.tz_localize(None)
        lands = left.dt.normalize() + clock[rows]
        lands = lands.where(lands > left, lands + pd.Timedelta(days=1))
        instant = lands.dt.tz_localize(zone, ambiguous=np.ones(len(rows), bool), nonexistent="shift_forward")
        duration[rows] = minutes(instant.dt.tz_convert("UTC")) - minutes(departure[rows])
    return duration


def timed(flights: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    places = airports.rename(columns={"faa": "dest", "lat": "dest_lat", "lon": "dest_lon", "alt": "dest_alt"})
    t = flights.merge(places[["dest", "dest_lat", "dest_lon", "dest_alt", "tzone"]], on="dest", how="left")
    t.loc[t.dest.isin(PUERTO_RICO), "tzone"] = "America/Puerto_Rico"
    departure = t.time_hour + pd.to_timedelta(t.minute, unit="min")
    t["scheduled"] = minutes(departure)
    t["duration"] = scheduled_duration(t, departure)
    t["departed"] = t.scheduled + t.dep_delay.clip(lower=0)
    t["arrived"] = t.scheduled + t.duration.fillna(1440) + t.arr_delay
    t["cancelled"] = (t.scheduled + 60).where(t.dep_delay.isna())
    t["settled"] = t.departed.fillna(t.cancelled)
    t["scheduled_day"], t["arrived_day"] = t.scheduled // 1440, t.arrived // 1440
    t["dep_late"] = (t.dep_delay >= 15).astype(float).where(t.dep_delay.notna())
    t["scheduled_departure"] = departure.dt.tz_convert(NEW_YORK).dt.tz_localize(None)
    date = t.scheduled_departure.dt.strftime("%Y-%m-%d")
    hhmm = t.sched_dep_time.astype(str).str.zfill(4)
    t["flight_id"] = date + "|" + t.carrier + "|" + t.flight.astype(str) + "|" + t.origin + "|" + hhmm
    return t


def calendar(t: pd.DataFrame) -> pd.DataFrame:
    day = t.scheduled_departure.dt.normalize()
    first, last = pd.Timestamp(day.min().year - 1, 12, 1), pd.Timestamp(day.max().year + 1, 1, 31)
    # pandas moves a holiday on a weekend to the working day beside it; travel goes by the day itself.
    rules = [
        Holiday(rule.name, month=rule.month, day=rule.day, offset=rule.offset, start_date=rule.start_date)
        for rule in USFederalHolidayCalendar.rules
    ]
    holidays = AbstractHolidayCalendar(rules=rules).holidays(first, last)
    ahead = holidays[holidays.searchsorted(day, side="left")]
    behind = holidays[holidays.searchsorted(day, side="right") - 1]
    return t.assign(
        weekday=day.dt.weekday,
        minute_of_day=t.hour * 60 + t.minute,
        days_to_holiday=(ahead - day).dt.days,
        days_since_holiday=(day - behind).dt.days,
    )


def running(events: pd.DataFrame, keys: list[str], at: str, values: list[str]) -> pd.DataFrame:
    """Running sums per key at every instant at which an event became known."""
    sums = events.dropna(subset=[at]).groupby([*keys, at], as_index=False)[values].sum().sort_values(at)
    sums[values] = sums.groupby(keys)[values].cumsum()
    return sums.rename(columns={at: "at"}).astype({"at": "int64"})


def before(
    asked: pd.DataFrame, instant: pd.Series, sums: pd.DataFrame, keys: list[str], values: list[str]
) -> pd.DataFrame:
    """The running sums strictly before an instant; `asked` is sorted by it."""
    left = asked[keys].assign(at=instant)
    found = pd.merge_asof(left, sums, on="at", by=keys, allow_exact_matches=False)
    return found[values].fillna(0)


def looked_up(
    t: pd.DataFrame, keys: list[str], at: str, *, values: list[str], lengths: dict[str, int], asks: str = "scheduled"
) -> pd.DataFrame:
    """Sums over windows per keys and instant, named value_suffix: running sums now less those at the window's start."""
    asked = t[[*keys, asks]].drop_duplicates().sort_values(asks)
    sums = running(t, keys, at, values)
    now = before(asked, asked[asks], sums, keys, values)
    for suffix, length in lengths.items():
        then = before(asked, asked[asks] - length, sums, keys, values)
        asked[[f"{v}_{suffix}" for v in values]] = (now - then).to_numpy()
    return asked


def rolled(
    t: pd.DataFrame, keys: list[str], at: str, *, values: list[str], lengths: dict[str, int], asks: str = "scheduled"
) -> pd.DataFrame:
    """The same with pandas' own moving windows, over events and askers together."""
    unit = "D" if asks == "scheduled_day" else "min"
    asked = t[[*keys, asks]].drop_duplicates().rename(columns={asks: "at"}).assign(asked=True)
    events = t[[*keys, at, *values]].dropna(subset=[at]).rename(columns={at: "at"}).assign(asked=False)
    both = pd.concat([events, asked]).fillna(dict.fromkeys(values, 0))
    both["time"] = pd.Timestamp(0) + pd.to_timedelta(both["at"], unit=unit)
    both = both.sort_values([*keys, "time"], ignore_index=True)
    groups = both.set_index("time").groupby(keys)[values]
    for suffix, length in lengths.items():
        sums = groups.rolling(f"{length}{unit}", closed="left").sum()
        both[[f"{v}_{suffix}" for v in values]] = sums.fillna(0).to_numpy()
    return both[both.asked].rename(columns={"at": asks}).astype({asks: "int64"}).sort_values(asks)


def mean(frame: pd.DataFrame, total: str, count: str) -> pd.Series:
    return frame[total] / frame[count].where(frame[count] > 0)


def with_origin(t: pd.DataFrame, windowed: Windows) -> pd.DataFrame:
    t = t.assign(one=1, left=t.dep_delay.notna().astype(int), gone=np.minimum(t.settled, t.scheduled + 120))
    h = windowed(t, ["origin"], "settled", values=["one", "left", "dep_late"], lengths={"3h": 180})
    due = before(h, h.scheduled, running(t, ["origin"], "scheduled", ["one"]), ["origin"], ["one"])
    gone = before(h, h.scheduled, running(t, ["origin"], "gone", ["one"]), ["origin"], ["one"])
    h["origin_waiting"] = (due - gone).to_numpy()
    h["origin_dep_count_3h"], h["origin_dep_late_3h"] = h.left_3h, mean(h, "dep_late_3h", "left_3h")
    h["origin_cancelled_3h"] = 1 - mean(h, "left_3h", "one_3h")
    return t.merge(
        h[["origin", "scheduled", *[c for c in h if c.startswith("origin_")]]], on=["origin", "scheduled"], how="left"
    )


def with_carrier(t: pd.DataFrame, windowed: Windows) -> pd.DataFrame:
    keys = ["origin", "carrier"]
    t = t.assign(left=t.dep_delay.notna().astype(int), landed=t.arr_delay.notna().astype(int))
    h = windowed(t, keys, "departed", values=["left", "dep_late", "dep_delay"], lengths={"3h": 180})
    h["carrier_dep_late_3h"], h["carrier_dep_delay_3h"] = (
        mean(h, "dep_late_3h", "left_3h"),
        mean(h, "dep_delay_3h", "left_3h"),
    )
    a = windowed(t, keys, "arrived", values=["landed", "arr_delay"], lengths={"6h": 360})
    a["carrier_arr_delay_6h"] = mean(a, "arr_delay_6h", "landed_6h")
    t = t.merge(
        h[[*keys, "scheduled", "carrier_dep_late_3h", "carrier_dep_delay_3h"]], on=[*keys, "scheduled"], how="left"
    )
    return t.merge(a[[*keys, "scheduled", "carrier_arr_delay_6h"]], on=[*keys, "scheduled"], how="left")


def with_destination(t: pd.DataFrame, windowed: Windows) -> pd.DataFrame:
    t = t.assign(landed=t.arr_delay.notna().astype(int))
    h = windowed(t, ["dest"], "arrived", values=["landed", "arr_delay"], lengths={"3h": 180, "24h": 1440})
    h["dest_arr_delay_3h"], h["dest_arr_delay_24h"] = (
        mean(h, "arr_delay_3h", "landed_3h"),
        mean(h, "arr_delay_24h", "landed_24h"),
    )
    h["dest_arr_count_24h"] = h.landed_24h
    return t.merge(
        h[["dest", "scheduled", *[c for c in h if c.startswith("dest_")]]], on=["dest", "scheduled"], how="left"
    )


def with_flight_number(t: pd.DataFrame, windowed: Windows) -> pd.DataFrame:
    keys = ["carrier", "flight"]
    t = t.assign(landed=t.arr_delay.notna().astype(int))
    h = windowed(t, keys, "arrived_day", values=["landed", "arr_delay"], lengths={"28d": 28}, asks="scheduled_day")
    h["flight_arr_delay_28d"] = mean(h, "arr_delay_28d", "landed_28d")
    return t.merge(h[[*keys, "scheduled_day", "flight_arr_delay_28d"]], on=[*keys, "scheduled_day"], how="left")


def with_previous_leg(t: pd.DataFrame) -> pd.DataFrame:
    told = ["scheduled", "departed", "arrived", "cancelled", "dep_delay", "arr_delay", "duration"]
    legs = t[t.tailnum.notna()].sort_values(["scheduled", "flight"])
    b = legs.groupby("tailnum")[told].shift(1).add_prefix("b_").assign(flight_id=legs.flight_id, now=legs.scheduled)
    b = b[b.now - b.b_scheduled < 1440]
    departed, arrived = b.b_departed < b.now, b.b_arrived < b.now
    b["previous_state"] = np.select(
        [arrived, b.b_cancelled < b.now, departed], ["arrived", "cancelled", "flying"], "waiting"
    )
    b["previous_since"] = b.now - b.b_scheduled
    b["previous_dep_delay"], b["previous_arr_delay"] = b.b_dep_delay.where(departed), b.b_arr_delay.where(arrived)
    b["previous_arrived_since"] = (b.now - b.b_arrived).where(arrived)
    b["previous_slack"] = b.previous_arrived_since - b.b_duration
    b["previous_planned_slack"] = b.previous_since - 2 * b.b_duration
    return t.merge(b[["flight_id", *[c for c in b if c.startswith("previous_")]]], on="flight_id", how="left")


def with_weather(t: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    earlier = weather[["origin", "time_hour", "pressure"]].assign(time_hour=weather.time_hour + pd.Timedelta(hours=3))
    w = weather.drop(columns=["year", "month", "day", "hour"])
    w = w.merge(earlier, on=["origin", "time_hour"], how="left", suffixes=("", "_earlier"))
    angle = np.deg2rad(w.wind_dir)
    w["wind_east"], w["wind_north"] = np.sin(angle) * w.wind_speed, np.cos(angle) * w.wind_speed
    w["pressure_change_3h"] = w.pressure - w.pressure_earlier
    return t.merge(w, on=["origin", "time_hour"], how="left")


def with_pandas(raw: dict[str, pd.DataFrame], windowed: Windows) -> pd.DataFrame:
    t = calendar(timed(raw["flights"], raw["airports"]))
    planes = raw["planes"][["tailnum", "manufacturer", "seats", "year"]].rename(columns={"year": "built"})
    t = with_weather(t.merge(planes, on="tailnum", how="left"), raw["weather"])
    t["plane_age"] = t.year - t.built
    t["arrived_late"] = (t.arr_delay >= 15).astype(float).where(t.arr_delay.notna())
    t["origin_load"] = t.groupby(["origin", "time_hour"])["flight"].transform("size")
    t["carrier_load"] = t.groupby(["origin", "carrier", "time_hour"])["flight"].transform("size")
    for add in (with_origin, with_carrier, with_destination, with_flight_number):
        t = add(t, windowed)
    return with_previous_leg(t)[COLUMNS]


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """A pandas frame without going through pyarrow, which this project does not need."""
    zones = {c: "UTC" for c, kind in frame.schema.items() if isinstance(kind, pl.Datetime) and kind.time_zone}
    table = pd.DataFrame(
        {c: frame[c].to_list() if frame[c].dtype == pl.String else frame[c].to_numpy() for c in frame.columns}
    )
    return table.assign(**{c: table[c].dt.tz_localize(zone) for c, zone in zones.items()})


def unequal(ours: pl.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """Columns in which the two tables differ by more than 1e-6, rows matched by flight_id."""
    a, b = as_pandas(ours.sort("flight_id")), theirs.sort_values("flight_id", ignore_index=True)
    differ = []
    for column in COLUMNS:
        if pd.api.types.is_numeric_dtype(a[column]):
            same = np.allclose(a[column].astype(float), b[column].astype(float), rtol=0, atol=1e-6, equal_nan=True)
        else:
            same = (a[column].isna() == b[column].isna()).all() and (a[column].dropna() == b[column].dropna()).all()
        if not same:
            differ.append(column)
    return differ


def compared(folder: Path, engines: list[str], turns: int) -> float:
    """Print what each way takes on the raw tables of a folder, and check that they agree; the seconds of ours."""
    ways: dict[str, Callable[[], Any]] = {"polars, the prepare nodes": lambda: with_polars(folder)}
    if "spark" in engines:
        ways["spark, the same nodes"] = lambda: with_spark(folder)
        with_spark(folder)  # starts the session and compiles
    if "pandas" in engines:
        raw = {name: as_pandas(pl.read_parquet(folder / f"{name}.parquet")) for name in TABLES}
        ways["pandas, rolling windows"] = lambda: with_pandas(raw, rolled)
        ways["pandas, merge_asof"] = lambda: with_pandas(raw, looked_up)
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    tables: dict[str, Any] = {}
    for _ in range(turns):
        for name, make in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            tables[name] = make()
            seconds[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    ours, *theirs = [name for name, table in tables.items() if table is not None]
    best = {name: min(times) for name, times in seconds.items()}
    for name, (wall, cpu) in best.items():
        ratios = f"{wall / best[ours][0]:4.1f} x, CPU {cpu / best[ours][1]:4.1f} x"
        print(f"{name:26} {wall:6.2f} s, {cpu:5.2f} s of CPU: {ratios}", flush=True)
    differ = {name: unequal(tables[ours], tables[name]) for name in theirs}
    if any(differ.values()):
        raise SystemExit(f"The tables differ in these columns: {differ}")
    equal = "All tables are equal, numbers within 1e-6: " if theirs else ""
    print(f"{equal}{len(tables[ours]):,} rows, {len(COLUMNS)} columns.")
    return best[ours][0]


def main() -> None:
    asked = [text.partition(":") for text in sys.argv[1:] or ["1:polars,pandas"]]
    ours: dict[int, float] = {}
    for times, _, engines in asked:
        with tempfile.TemporaryDirectory() as folder:
            write_times(int(times), Path(folder))
            print(f"x {times}")
            ours[int(times)] = compared(
                Path(folder), (engines or "polars,pandas,spark").split(","), TIMES if times == "1" else 1
            )
    first, *more = ours
    for times in more:
        print(f"polars, x {first} to x {times}: rows {times / first:.1f} x, time {ours[times] / ours[first]:.1f} x")


if __name__ == "__main__":
    main()
