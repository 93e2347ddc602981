"""AutoGluon's `distill` against Stillroom's student: same training, validation and test rows, side by side.

Usage: python benchmarks/peers/autogluon_distil.py --python .venv/autogluon/bin/python
       [--fit-seconds 900] [--distil-seconds 900] [--presets medium_quality] [--rows 50000] [--measure-only]

AutoGluon gets all declared columns and fits its ensemble, then distils it; its models predict from a pandas data frame,
persisted in memory, on one thread and on all. Stillroom's answers from a Polars data frame by ONNX Runtime on one
thread. All take turns. `--rows` samples the training rows for a short trial; `--measure-only` measures the last fit.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import Row, Run, arguments, measured, open_run, report

from stillroom.compression.gate import open_session
from stillroom.compression.gate import run as predict
from stillroom.table.encoding import feeds
from stillroom.table.metrics import main_score
from stillroom.table.split import part

FOLDER = Path("data/06_models/peers/autogluon")
WORKER = Path(__file__).with_name("autogluon_worker.py")
TURN = 10
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

# Seconds of each of `calls` predictions of `rows` rows.
Timed = Callable[[int, int], list[float]]


class Worker:
    """AutoGluon in a process of its own, answering timed predictions; on one processor where `threads` is 1."""

    def __init__(self, python: str, plan: Path, threads: int):
        pinned = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))] if threads == 1 else []
        self._process = subprocess.Popen(
            [*pinned, python, str(WORKER), "answer", str(plan)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(ONE_THREAD if threads == 1 else {})},
        )
        self._read()

    def timed(self, model: str) -> Timed:
        """The function that times one of its models."""
        return lambda rows, calls: self._ask({"model": model, "rows": rows, "calls": calls})

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, request: dict[str, Any]) -> list[float]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        """The next line that is an answer: AutoGluon prints of its own."""
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith(("[", '"ready"')):
                return json.loads(line)
        raise RuntimeError("AutoGluon's process has ended: run autogluon_worker.py answer by hand to see why")


def ours_timed(run: Run, name: str) -> Timed:
    """Stillroom's side: a Polars data frame to its columns, and one call of ONNX Runtime on one thread."""
    session = open_session(run.candidates[name])
    test = part(run.table, "test").collect()

    def timed(rows: int, calls: int) -> list[float]:
        frame, seconds = test.head(rows), []
        for _ in range(calls):
            start = time.perf_counter()
            predict(session, feeds(frame, run.encoding))
            seconds.append(time.perf_counter() - start)
        return seconds[1:]

    return timed


def in_turns(timers: dict[str, Timed], batch: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Median µs of each for one row and for a batch, some calls of each in turn."""
    seconds: dict[tuple[str, int], list[float]] = {(name, rows): [] for name in timers for rows in (1, batch)}
    for _ in range(max(rounds // TURN, 1)):
        for name, rows in seconds:
            seconds[name, rows] += timers[name](rows, TURN + 1)
    medians = {key: float(np.median(taken)) * 1e6 for key, taken in seconds.items()}
    return {name: (medians[name, 1], medians[name, batch]) for name in timers}


def write_plan(run: Run, given: Any) -> Path:
    """What AutoGluon's side is told, as plain data."""
    table = run.parameters.table
    plan = {
        "table": str(Path(f"data/03_primary/{table.name}/training_table.parquet").resolve()),
        "columns": table.columns,
        "target": table.target,
        "folder": str(FOLDER.resolve()),
        "seed": run.parameters.seed,
        "rows": given.rows,
        "presets": given.presets,
        "fit_seconds": given.fit_seconds,
        "distil_seconds": given.distil_seconds,
        "students": given.students.split(","),
    }
    path = FOLDER / "plan.json"
    path.write_text(json.dumps(plan))
    return path


def main() -> None:
    """Fit unless told otherwise, then measure both sides in turns and print."""
    parser = arguments(__doc__)
    parser.add_argument("--python", required=True, help="the interpreter of AutoGluon's environment")
    parser.add_argument("--fit-seconds", type=int, default=900)
    parser.add_argument("--distil-seconds", type=int, default=900)
    parser.add_argument("--presets", default="medium_quality", help="AutoGluon's, such as good_quality")
    parser.add_argument("--students", default="GBM,CAT,NN_TORCH", help="AutoGluon's names of the student models")
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--measure-only", action="store_true")
    parser.set_defaults(rounds=200)
    given = parser.parse_args()
    run = open_run(given.params)
    if not given.measure_only:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        subprocess.run([given.python, str(WORKER), "fit", str(write_plan(run, given))], check=True)
    compare(run, given.python, given.rounds)


def compare(run: Run, python: str, rounds: int) -> None:
    """Measure what the fit has left and Stillroom's chosen model, and print the table."""
    sizes = json.loads((FOLDER / "sizes.json").read_text())
    target, task = run.target("test"), run.parameters.table.task
    quality = {name: main_score(task, target, np.load(FOLDER / f"{name}.npy")) for name in sizes}
    threads = {f"{n} thread{'s' if n > 1 else ''}": n for n in sorted({1, os.cpu_count() or 1})}
    workers = {label: Worker(python, FOLDER / "plan.json", n) for label, n in threads.items()}
    timers = {f"{name}, {label}": worker.timed(name) for label, worker in workers.items() for name in sizes}
    everyone = {run.chosen: ours_timed(run, run.chosen), **timers}
    taken = in_turns(everyone, run.parameters.budget.batch_size, rounds)
    for worker in workers.values():
        worker.close()
    bare = measured(run, {run.chosen: run.candidates[run.chosen]}, rounds)[run.chosen]
    ours = [
        Row(run.chosen, bare.quality, bare.size_kb, *taken[run.chosen]),
        Row("its ONNX Runtime call alone", bare.quality, bare.size_kb, bare.one_us, bare.many_us),
    ]
    peers = [
        Row(f"{name}, {label}", quality[name], sizes[name] / 1000, *taken[f"{name}, {label}"])
        for name in sizes
        for label in threads
    ]
    report(run, ours, peers)


if __name__ == "__main__":
    main()
