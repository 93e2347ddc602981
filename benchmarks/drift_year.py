"""Drift and report for a year of daily profiles: 25 columns, a million rows in all. Under 60 s and 2 GB.

    python benchmarks/drift_year.py

The reference is a year before, of the same size. Making the profiles is not timed: services have made them by then.
"""

import datetime as dt
import resource
import time

import numpy as np

from stillroom.monitoring import MonitorConfig, drift_page, drift_report
from stillroom.profiles import Column, fold, from_bytes, merge, new_profile, to_bytes

DAYS, ROWS, COLUMNS = 365, 1_000_000, 25


def day(rng: np.random.Generator, shift: float) -> dict[str, Column]:
    """A third of the columns each: numbers, small integers and strings; the first number moves."""
    rows = ROWS // DAYS + 1
    columns: dict[str, Column] = {"prediction": rng.beta(2, 6, rows)}
    for i in range(8):
        columns[f"number_{i}"] = rng.lognormal(shift if i == 0 else 0, 1, rows) * rng.lognormal(0, 0.05)
        columns[f"integer_{i}"] = rng.poisson(5 * 2**i, rows)
        columns[f"text_{i}"] = rng.choice([f"N{k}" for k in range(3 * 2**i)], rows).astype(object)
    return columns


def year(first: dt.date, seed: int, shifted_from: int) -> list[tuple[dt.date, bytes]]:
    """Daily profiles in whylogs' format."""
    rng, found = np.random.default_rng(seed), []
    for number in range(DAYS):
        profile = new_profile()
        fold(profile, day(rng, 0.3 if number >= shifted_from else 0.0))
        found.append((first + dt.timedelta(number), to_bytes(profile)))
    return found


def main() -> None:
    """Time reading, drift, report and page."""
    written = [year(dt.date(2012, 1, 1), 0, DAYS), year(dt.date(2013, 1, 1), 1, 200)]
    start = time.perf_counter()
    reference, live = ([(date, from_bytes(data)) for date, data in days] for days in written)
    report = drift_report(
        merge(view for _, view in reference), reference, live, task="regression", config=MonitorConfig()
    )
    page = drift_page(report)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{report['rows']:,} rows, {len(report['columns'])} columns, {len(report['days'])} days")
    print(f"{seconds:.1f} s (allowed: 60), {peak:.2f} GB (allowed: 2), page of {len(page) / 1024**2:.2f} MB")
    for column in report["columns"]:
        if column["drifted"]:
            print(f"{column['name']} drifted since {column['began']} (moved on 2013-07-20)")


if __name__ == "__main__":
    main()
