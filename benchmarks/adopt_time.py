"""From a file to a served model: how long `kedro adopt` and a quick `kedro run` of 50,000 rows take.

    python benchmarks/adopt_time.py [--rows 50000] [--turns 3]

The rows are flights with their planes, from the repository. Prints a line a turn: wall and processor time of both
commands, each with the start of Python. On two cores of an idle machine: under 90 seconds is allowed.
"""

import argparse
import resource
import shutil
import tempfile
import time
from pathlib import Path

from regimes import PROJECT, kedro

RAW = "data/01_raw/nycflights13"
QUERY = """
select f.month, f.day, f.sched_dep_time, f.sched_arr_time, f.carrier, f.flight, f.tailnum, f.origin, f.dest, f.distance,
f.time_hour, p.manufacturer, p.model, p.seats, p.engine, p.year as built, f.arr_delay >= 15 as late
from '{flights}' f left join '{planes}' p using (tailnum) where f.arr_delay is not null limit {rows}
"""


def main() -> None:
    """Time the two commands, several times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    for turn in range(1, asked.turns + 1):
        with tempfile.TemporaryDirectory() as folder:
            project = copy_project(Path(folder))
            query = QUERY.format(flights=f"{RAW}/flights.parquet", planes=f"{RAW}/planes.parquet", rows=asked.rows)
            adopt = timed(project, "adopt", "--sql", query, "--target", "late", "--name", "lateness")
            run = timed(project, "run", "--params", "table=lateness,experiment=quick")
        wall, processor = (sum(each) for each in zip(adopt, run, strict=True))
        told = f"adopt {adopt[0]:.1f} s, run {run[0]:.1f} s: {wall:.1f} s, of processor time {processor:.1f} s"
        print(f"turn {turn}, {asked.rows:,} rows: {told}", flush=True)


def timed(project: Path, *arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of a command."""
    began, used = time.monotonic(), processor_seconds()
    kedro(project, *arguments)
    return time.monotonic() - began, processor_seconds() - used


def processor_seconds() -> float:
    """Of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def copy_project(project: Path) -> Path:
    """A copy of the project with its raw tables."""
    for folder in ("conf", "src", RAW):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "bentofile.yaml", ".telemetry", "requirements.lock"):
        shutil.copy(PROJECT / file, project / file)
    return project


if __name__ == "__main__":
    main()
