"""Batch scoring: rows a second from Parquet to Parquet, against ONNX Runtime alone on arrays in memory.

    python benchmarks/batch_scoring.py --millions 10      # after `make run`: five minutes, 1 GB of disk

The table is the flights' training table over and over, with shifted numbers and identifiers of their own. Both use as
many threads and take turns; each of our runs is in a process of its own, so that its memory is its own, and counts
from the start of the pipeline to the file that is whole. ONNX Runtime alone gets what its users have: the released
model, its inputs in memory as numpy arrays, text as objects, cut into batches of the size that suits it best.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from polars import selectors

from stillroom.datasets.parquet import ParquetDataset, ParquetFilesDataset
from stillroom.pipelines.columns import raw_columns
from stillroom.pipelines.score import create_pipeline
from stillroom.serving.model import Columns, Model, as_columns

ROOT = Path(__file__).parents[1]
BATCHES = (512, 1024, 2048, 4096)
PROBED = 200_000


def project_catalog() -> DataCatalog:
    """The project's datasets, as a run has left them."""
    bootstrap_project(ROOT)
    with KedroSession.create(project_path=ROOT) as session:
        return session.load_context().catalog


def write_table(table: pl.LazyFrame, rows: int, path: Path) -> None:
    """A table of so many rows, in row groups of Polars' own size."""
    height = table.select(pl.len()).collect().item()
    repeated = [
        table.with_columns(
            selectors.float() + turn / 128, selectors.integer() + turn % 8, pl.col("flight_id") + f"|{turn}"
        )
        for turn in range(-(-rows // height))
    ]
    pl.concat(repeated).head(rows).sink_parquet(path)


def score(source: Path, scores: Path) -> dict[str, float]:
    """One run of the score pipeline: its seconds, and the most memory this process has held, in MB."""
    project = project_catalog()
    given = {name: project.load(name) for name in ("champion_model", "params:table", "params:score")}
    catalog = DataCatalog(
        {
            **{name: MemoryDataset(data, copy_mode="assign") for name, data in given.items()},
            "to_score": ParquetFilesDataset(filepath=str(source)),
            "scores": ParquetDataset(filepath=str(scores)),
        }
    )
    before = _peak_mb()
    start = time.perf_counter()
    SequentialRunner().run(create_pipeline(), catalog)
    return {"seconds": time.perf_counter() - start, "before_mb": before, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    # Not getrusage, which counts the memory of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1000


def _scored_elsewhere(source: Path, scores: Path) -> dict[str, float]:
    """`score` in a process of its own."""
    command = [sys.executable, __file__, "--score", str(source), str(scores)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def alone(model: Model, inputs: Columns, rows: int, batch: int) -> float:
    """Seconds that the model takes for so many rows, on as many threads as Polars has; over and over the inputs."""
    height = len(next(iter(inputs.values())))

    def batches() -> Iterator[slice]:
        for begin in range(0, rows, batch):
            place = begin % (height - batch)
            yield slice(place, place + min(batch, rows - begin))

    def predict(where: slice) -> None:
        model.predict({name: values[where] for name, values in inputs.items()})

    def work(share: list[slice]) -> None:
        for where in share:
            predict(where)

    threads, every = pl.thread_pool_size(), list(batches())
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [every[first::threads] for first in range(threads)]))
    return time.perf_counter() - start


def main(rows: int, turns: int, folder: Path) -> None:
    """Write the table, take turns, print."""
    project = project_catalog()
    table, champion = project.load("training_table"), project.load("champion_model")
    model = Model(champion.onnx)
    ready = table.collect()
    inputs = as_columns(model.signature, raw_columns(ready, model.signature))
    source, scores = folder / "to_score.parquet", folder / "scores.parquet"
    write_table(table, rows, source)
    batch = min(BATCHES, key=lambda size: alone(model, inputs, PROBED, size))
    print(f"{rows:,} rows, {source.stat().st_size / 1e6:,.0f} MB of Parquet, {len(inputs)} columns; {champion.tag}")
    print(f"{pl.thread_pool_size()} threads; ONNX Runtime alone in batches of {batch}")
    ours, theirs = [], []
    for _ in range(turns):
        theirs.append(rows / alone(model, inputs, rows, batch))
        ours.append(_scored_elsewhere(source, scores))
        speed = rows / ours[-1]["seconds"]
        print(f"  alone {theirs[-1]:>11,.0f} rows/s, ours {speed:>11,.0f}, ratio {speed / theirs[-1]:.2f}")
    ratios = [rows / own["seconds"] / other for own, other in zip(ours, theirs, strict=True)]
    check(model, source, scores, rows)
    speed, most = rows / statistics.median(own["seconds"] for own in ours), max(own["peak_mb"] for own in ours)
    print(f"median ratio {statistics.median(ratios):.2f}: {speed:,.0f} rows/s, alone {statistics.median(theirs):,.0f}")
    print(f"most memory {most:,.0f} MB, of which {ours[0]['before_mb']:,.0f} MB before the first row")


def check(model: Model, source: Path, scores: Path, rows: int) -> None:
    """The last rows' scores are the model's own answers."""
    last = pl.scan_parquet(source).tail(1000).collect()
    expected = model.predict(as_columns(model.signature, raw_columns(last, model.signature)))
    found = pl.scan_parquet(scores).tail(1000).collect()
    assert pl.scan_parquet(scores).select(pl.len()).collect().item() == rows
    assert found["flight_id"].equals(last["flight_id"])
    np.testing.assert_allclose(found["prediction"], expected, atol=1e-6)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--millions", type=float, default=10)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--score", nargs=2, type=Path, metavar=("SOURCE", "SCORES"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.score:
        print(json.dumps(score(*asked.score)))
    else:
        with tempfile.TemporaryDirectory(prefix=".batch_scoring_", dir=ROOT) as made:
            main(int(asked.millions * 1e6), asked.turns, Path(made))
