"""The raw flights written N times over, each copy a year later than the one before: a table of any size.

PYTHONPATH=src python benchmarks/flights_times.py 30 FOLDER

Flights and weather are shifted together, so that every join finds what it found in 2013: planes and airports stay. The
hours of the weather are shifted in UTC; those of flights are read anew off New York's clock, whose summer time begins
on another day every year. The writer streams: memory does not grow with N. 30 is ten million flights.
"""

import sys
from pathlib import Path

import polars as pl

RAW = Path(__file__).parents[1] / "data/01_raw/nycflights13"
NEW_YORK = "America/New_York"


def write_times(times: int, folder: Path) -> None:
    """Write the raw tables into a folder, flights and weather `times` times."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("airlines", "airports", "planes"):
        pl.scan_parquet(RAW / f"{name}.parquet").sink_parquet(folder / f"{name}.parquet")
    for name, later in (("flights", _flights), ("weather", _weather)):
        raw = pl.scan_parquet(RAW / f"{name}.parquet")
        pl.concat([later(raw, years) for years in range(times)]).sink_parquet(folder / f"{name}.parquet")


def _flights(raw: pl.LazyFrame, years: int) -> pl.LazyFrame:
    local = pl.datetime("year", "month", "day", "hour", time_zone=NEW_YORK, ambiguous="earliest")
    return raw.with_columns(pl.col("year") + years).with_columns(time_hour=local.dt.convert_time_zone("UTC"))


def _weather(raw: pl.LazyFrame, years: int) -> pl.LazyFrame:
    return raw.with_columns(pl.col("year") + years, pl.col("time_hour").dt.offset_by(f"{years}y"))


if __name__ == "__main__":
    write_times(int(sys.argv[1]), Path(sys.argv[2]))
