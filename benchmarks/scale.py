"""`kedro run --pipelines prepare,train` on the flights written N times over: rows, time and peak memory, side by side.

PYTHONPATH=src python benchmarks/scale.py 1 10 30

Every N is a project of its own in a temporary folder, its splits at the same shares of its years. The model is declared
below: an MLP, one epoch. Peak memory is the largest sum of resident memory of the run's processes, sampled 20 times a
second. Needs psutil, and about 5 GB of disk for N = 30.
"""

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl
import psutil

from flights_times import write_times

ROOT = Path(__file__).parents[1]
LIMIT_MB = 3000
MODEL = ["model=mlp", "trainer.max_epochs=1", "trainer.progress=false"]
SHARES = {"validation": 8 / 12, "test": 9 / 12, "live": 11 / 12}


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    times: int
    rows: int
    seconds: float
    peak_mb: float


def project(folder: Path, times: int) -> None:
    """A copy of the project whose raw tables are N times as long."""
    for name in ("conf", "src"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "bentofile.yaml", ".telemetry"):
        shutil.copy(ROOT / name, folder / name)
    write_times(times, folder / "data/01_raw/nycflights13")


def splits(times: int) -> list[str]:
    """The parts of the first year, stretched over all."""
    first = dt.date(2013, 1, 1)
    length = dt.date(2013 + times, 1, 1) - first
    return [f"table.split.{part}={first + share * length}" for part, share in SHARES.items()]


def watched(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a command and all its children."""
    started, peak = time.perf_counter(), 0
    log = folder / "run.log"
    with log.open("w") as file:
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "BENTOML_HOME": str(folder / "bentoml")}
        run = psutil.Popen(command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT)
        while run.poll() is None:
            peak = max(peak, resident(run))
            time.sleep(0.05)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text()[-3000:]}")
    return time.perf_counter() - started, peak / 1e6


def resident(process: psutil.Process) -> int:
    """Bytes of resident memory of a process and its children; 0 once it has ended."""
    try:
        return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)])
    except psutil.Error:
        return 0


def cost(times: int) -> Cost:
    """Run prepare and train on N times the flights."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        project(folder, times)
        chosen = ["--params", ",".join([*MODEL, *splits(times)])]
        seconds, peak = watched([sys.executable, "-m", "kedro", "run", "--pipelines", "prepare,train", *chosen], folder)
        table = pl.scan_parquet(folder / "data/03_primary/flights/training_table.parquet")
        return Cost(times, table.select(pl.len()).collect().item(), seconds, peak)


def main() -> None:
    costs = []
    for times in [int(text) for text in sys.argv[1:]] or [1, 10, 30]:
        costs.append(cost(times))
        found = costs[-1]
        rate = found.rows / found.seconds
        print(
            f"x {times:<3} {found.rows:>11,} rows {found.seconds:7.1f} s {rate:9,.0f} rows/s "
            f"{found.peak_mb:7,.0f} MB at most ({found.peak_mb / LIMIT_MB:.2f} of {LIMIT_MB} MB)",
            flush=True,
        )
    for before, after in pairwise(costs):
        print(
            f"x {before.times} to x {after.times}: memory {after.peak_mb / before.peak_mb:.2f} x, "
            f"time {after.seconds / before.seconds:.1f} x, rows {after.rows / before.rows:.1f} x"
        )


if __name__ == "__main__":
    main()
