"""Rows a second folded into a whylogs profile: ours from a Polars frame, whylogs' own from the same frame in pandas.

The 327,346 flights that arrived, 25 of their columns, from a finished run of the flights; then batches as small as a
service's. Each is timed in turns, and the fastest of its turns counts: what else the machine does only adds time.

    kedro run --pipelines prepare
    PYTHONPATH=src python benchmarks/profiles_vs_whylogs.py data/03_primary/flights/training_table.parquet
"""

import sys
import time
from collections.abc import Callable

import polars as pl

from stillroom.profiles import fold, new_profile
from stillroom.profiling.frames import columns_of

# isort: split
import whylogs as why

TURNS = 5
COLUMNS = [
    "weekday", "minute_of_day", "distance", "duration", "plane_age",
    "seats", "origin_load", "carrier_load", "temp", "dewp",
    "humid", "wind_dir", "wind_speed", "precip", "pressure",
    "visib", "origin_dep_late_3h", "carrier_dep_delay_3h", "dest_arr_delay_24h", "previous_dep_delay",
    "carrier", "origin", "dest", "manufacturer", "previous_state",
]  # fmt: skip


def flights(path: str) -> pl.DataFrame:
    """The flights of which it is known when they arrived."""
    return pl.read_parquet(path).filter(pl.col("arrived_late").is_not_null()).select(COLUMNS)


def profile(frame: pl.DataFrame) -> object:
    folded = new_profile()
    fold(folded, columns_of(frame))
    return folded


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    whole = flights(sys.argv[1])
    for frame in (whole, whole.head(10_000), whole.head(1_000)):
        pandas = frame.to_pandas()
        turns = [(seconds(lambda: profile(frame)), seconds(lambda: why.log(pandas))) for _ in range(TURNS)]  # noqa: B023
        ours, stock = (min(times) for times in zip(*turns, strict=True))
        print(
            f"{frame.height:>7,} flights x {frame.width} columns: stillroom {frame.height / ours:>9,.0f} rows/s, "
            f"stock whylogs {frame.height / stock:>7,.0f} rows/s, ratio {stock / ours:.1f}"
        )


if __name__ == "__main__":
    main()
