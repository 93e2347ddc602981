"""Rows a second folded into a whylogs profile: our arrays against whylogs' own pandas path, in one run.

PYTHONPATH=src python benchmarks/profiles_vs_whylogs.py
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from stillroom.profiles import Column, fold, new_profile, rows

# isort: split
import whylogs as why

TIMES = 5


def flights_like(count: int) -> dict[str, Column]:
    """Twelve columns as a table of flights has them: real numbers, small integers, strings, some missing."""
    rng = np.random.default_rng(0)
    with_missing = np.where(rng.random(count) < 0.05, np.nan, rng.normal(size=count))
    return {
        **{f"float_{i}": rng.lognormal(size=count) for i in range(4)},
        "float_missing": with_missing,
        **{f"int_{i}": rng.integers(0, 10 ** (i + 1), count) for i in range(3)},
        "bool": rng.random(count) < 0.3,
        **{f"text_{i}": rng.choice([f"N{k}" for k in range(4 * 8**i)], count).astype(object) for i in range(3)},
    }


def best_seconds(run: Callable[[], object]) -> float:
    """The fastest of some runs: what else the machine does only ever adds time."""
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def fold_once(columns: dict[str, Column]) -> int:
    profile = new_profile()
    fold(profile, columns)
    return rows(profile.view())


def main() -> None:
    for count in (1_000, 100_000):
        columns = flights_like(count)
        frame = pd.DataFrame(columns)
        ours = best_seconds(lambda columns=columns: fold_once(columns))
        stock = best_seconds(lambda frame=frame: why.log(frame))
        print(
            f"{count:>7,} rows x {len(columns)} columns: stillroom {count / ours:>9,.0f} rows/s, "
            f"stock whylogs {count / stock:>9,.0f} rows/s, ratio {stock / ours:.1f}"
        )


if __name__ == "__main__":
    main()
