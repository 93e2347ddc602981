"""What the service's settings bring: garbage collection, threads, session options, workers and batching, in one run.

    python benchmarks/serving_options.py        # after `make run`: three minutes, alone; needs wrk, taskset

Sessions are timed in turns on the model of the flights' Bento; ratios are to the service's defaults, more is slower.
Then the Bento is served with each number of workers and threads, and with and without batching, and loaded by wrk in
turns; of those with two workers, wrk has the second core too.
"""

import argparse
import asyncio
import gc
import os
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from serving.bento import model_file
from serving.checks import wait_until_right
from serving.closed_loop import Case, turn
from serving.in_process import ask, bodies, endpoint_of, predictor_of
from serving.process import Running
from serving.registry import registry
from serving.work import Work
from stillroom.compression.timing import latency, time_in_turns
from stillroom.runtime.session import CPU, Tuning
from stillroom.serving.model import Columns, Model, as_columns

ROOT = Path(__file__).parents[1]
TURNS, CALLS, REQUESTS = 60, 30, 4_000
VARIANTS: dict[str, tuple[int, Tuning]] = {
    "defaults": (1, Tuning()),
    "2 threads": (2, Tuning()),
    "2 threads, no spinning": (2, Tuning(spinning=False)),
    "graph_optimization extended": (1, Tuning("extended")),
    "graph_optimization basic": (1, Tuning("basic")),
    "graph_optimization off": (1, Tuning("off")),
    "no memory_arena": (1, Tuning(memory_arena=False)),
    "no memory_pattern": (1, Tuning(memory_pattern=False)),
    "neither of both": (1, Tuning(memory_arena=False, memory_pattern=False)),
}

# Settings of a served Bento, and the cores that it has.
SERVED: dict[str, tuple[dict[str, str], str]] = {
    "1 worker, 1 thread, one core": ({}, "0"),
    "batching on, one core": ({"BATCHING": "on"}, "0"),
    "batching off, one core": ({"BATCHING": "off"}, "0"),
    "1 worker, 1 thread, two cores": ({}, "0,1"),
    "1 worker, 2 threads, two cores": ({"THREADS": "2"}, "0,1"),
    "2 workers, 1 thread, two cores": ({"WORKERS": "2"}, "0,1"),
    "2 workers, 2 threads, two cores": ({"WORKERS": "2", "THREADS": "2"}, "0,1"),
}
CASES, ROUNDS, SECONDS = (Case(1, 1), Case(8, 1), Case(8, 64)), 3, 2


def sessions(onnx: Path, work: Work, rows: int) -> None:
    """The model's call with each variant."""
    columns = _columns(work, rows)
    models = {name: Model(onnx, (CPU,), threads, tuning) for name, (threads, tuning) in VARIANTS.items()}
    calls = {name: lambda model=model: model.predict(columns) for name, model in models.items()}
    found = {name: latency(seconds, rows) for name, seconds in time_in_turns(calls, TURNS, CALLS).items()}
    print(f"\nOne call, {rows} rows")
    for name, each in found.items():
        ratio = each.median_us / found["defaults"].median_us
        print(f"{name:30}{each.median_us:8.1f} µs  [{each.low_us:.1f}, {each.high_us:.1f}]  {ratio:5.2f} x", flush=True)


def _columns(work: Work, rows: int) -> Columns:
    picked = work.rows[:rows]
    table = {name: np.array([row[name] for row in picked], dtype=object) for name in work.signature.columns}
    return as_columns(work.signature, table)


async def collections(onnx: Path, work: Work) -> None:
    """Requests through the endpoint, and a full collection among them, with the heap frozen and not."""
    import bentoml  # noqa: F401, as the service's heap has it

    endpoint, requests = endpoint_of(predictor_of(onnx)), bodies(work, 1)
    taken: dict[bool, list[float]] = {True: [], False: []}
    pauses: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(6):
        for frozen in (True, False):
            gc.collect()
            if frozen:
                gc.freeze()
            for index in range(REQUESTS):
                begun = perf_counter()
                await ask(endpoint, requests[index % len(requests)])
                taken[frozen].append(perf_counter() - begun)
            begun = perf_counter()
            gc.collect()
            pauses[frozen].append(perf_counter() - begun)
            gc.unfreeze()
    print("\nGarbage collection: a full one stops all requests; a request in this process")
    for frozen, name in ((True, "gc_freeze"), (False, "no gc_freeze")):
        p50, p999 = 1e6 * np.percentile(taken[frozen], [50, 99.9])
        print(f"{name:30}{1e3 * np.median(pauses[frozen]):8.2f} ms   p50 {p50:6.1f} µs   p99.9 {p999:7.1f} µs")
    print(f"{'':30}{np.median(pauses[False]) / np.median(pauses[True]):8.1f} x the pause without it")


def served(bento: str, onnx: Path, work: Work) -> None:
    """The throughput of a Bento with each of the settings."""
    os.sched_setaffinity(0, {1})
    with ExitStack() as stack, tempfile.TemporaryDirectory() as logs:
        running: dict[str, Running] = {}
        for name, (settings, cores) in SERVED.items():
            variables = {f"STILLROOM_SERVING_{key}": value for key, value in settings.items()}
            server = replace(registry(bento, ROOT)["ours"], name=name, environment=variables)
            running[name] = stack.enter_context(Running(server, onnx, cores, Path(logs, name)))
            wait_until_right(running[name], work, {case.rows for case in CASES})
            running[name].pause()
        for case in CASES:
            rates: dict[str, list[float]] = {name: [] for name in running}
            for each in range(ROUNDS):
                for name in list(running)[:: -1 if each % 2 else 1]:
                    rates[name].append(turn(running[name], work, case, SECONDS, checked=False).rate)
            print(f"\nThe Bento, {case}")
            defaults = median(next(iter(rates.values())))
            for name, found in rates.items():
                print(f"{name:33}{median(found):9,.0f} requests/s  {median(found) / defaults:5.2f} x", flush=True)


def main() -> None:
    """Read the options; print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bento", default="stillroom_flights:latest")
    parser.add_argument("--table", type=Path, default=ROOT / "data/03_primary/flights/training_table.parquet")
    options = parser.parse_args()
    onnx = model_file(options.bento)
    work = Work.draw(options.table, onnx, 64)
    for rows in (1, 64):
        sessions(onnx, work, rows)
    asyncio.run(collections(onnx, work))
    served(options.bento, onnx, work)


if __name__ == "__main__":
    main()
