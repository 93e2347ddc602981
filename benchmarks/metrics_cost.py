"""What the metrics of requests cost: the same service with and without them, in turns, in one run.

    python benchmarks/metrics_cost.py       # after `make run`: two minutes, alone on the machine; needs wrk, taskset

First the endpoint in this process, request by request; then two services on loopback, one on bare uvicorn with metrics
and one without, loaded by wrk from the other core: the median of the rounds' costs, and all but the extreme ones.
"""

import argparse
import asyncio
import gc
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

from serving.bento import model_file
from serving.checks import wait_until_right
from serving.closed_loop import Case, turn
from serving.in_process import ask, bodies, endpoint_of, predictor_of
from serving.process import Running
from serving.registry import UVICORN, Server
from serving.work import Work
from stillroom.serving.endpoint import Endpoint

ROOT = Path(__file__).parents[1]
CASES = [Case(8, 1), Case(8, 64)]
ALLOWED = 0.03


async def in_process(onnx: Path, work: Work, rows: int, rounds: int) -> None:
    """The endpoint's time a request."""
    requests = bodies(work, rows)
    endpoints = {name: endpoint_of(predictor_of(onnx, name == "on")) for name in ("on", "off")}
    taken: dict[str, list[float]] = {name: [] for name in endpoints}
    gc.collect()
    gc.freeze()
    for each in range(rounds):
        for name in list(endpoints)[:: -1 if each % 2 else 1]:
            taken[name].append(await _round(endpoints[name], requests))
    on, off = (1e6 * median(taken[name]) for name in ("on", "off"))
    more = f"{on - off:+.2f} µs a request, {on / off - 1:+.1%}"
    print(f"in this process, {rows:2} rows: {on:7.1f} µs with, {off:7.1f} µs without: {more}")


async def _round(endpoint: Endpoint, requests: list[bytes]) -> float:
    begun = perf_counter()
    for body in requests:
        await ask(endpoint, body)
    return (perf_counter() - begun) / len(requests)


def over_loopback(onnx: Path, work: Work, options: argparse.Namespace) -> None:
    """The throughput of both, as wrk finds it."""
    paths = os.pathsep.join(map(str, (ROOT / "benchmarks", ROOT / "src")))
    launched = ("-c", f"import sys; sys.path[:0] = {paths!r}.split(':'); from uvicorn import main; main()")
    command = (*launched, *UVICORN[2:], "stillroom_app:app")
    servers = {name: Server(name, command, environment={"METRICS": name}) for name in ("on", "off")}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as logs:
        running = {
            name: stack.enter_context(Running(each, onnx, options.cores[0], Path(logs, name)))
            for name, each in servers.items()
        }
        for each in running.values():
            wait_until_right(each, work, {case.rows for case in CASES})
            each.pause()
        for case in CASES:
            rates: dict[str, list[float]] = {"on": [], "off": []}
            for each_round in range(options.rounds):
                for name in list(running)[:: -1 if each_round % 2 else 1]:
                    rates[name].append(turn(running[name], work, case, options.seconds, checked=False).rate)
            costs = sorted(1 - on / off for on, off in zip(rates["on"], rates["off"], strict=True))
            verdict = _verdict(costs)
            on, off = (median(rates[name]) for name in ("on", "off"))
            print(
                f"wrk, {case}: {on:,.0f} requests/s with, {off:,.0f} without: metrics cost {median(costs):+.1%}"
                f" of throughput [{costs[1]:+.1%}, {costs[-2]:+.1%}] (under {ALLOWED:.0%}: {verdict})",
                flush=True,
            )


def _verdict(costs: list[float]) -> str:
    """Of the rounds' costs in order; the least and the largest do not count."""
    if costs[-2] < ALLOWED:
        return "reached"
    return "missed" if costs[1] >= ALLOWED else "undecided, the rounds differ by more than that"


def main() -> None:
    """Read the options; measure both ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=3, help="of each turn")
    parser.add_argument("--cores", type=lambda text: list(map(int, text.split(","))), default=[0, 1])
    parser.add_argument("--bento", default="stillroom_flights:latest")
    parser.add_argument("--table", type=Path, default=ROOT / "data/03_primary/flights/training_table.parquet")
    options = parser.parse_args()
    onnx = model_file(options.bento)
    work = Work.draw(options.table, onnx, max(case.rows for case in CASES))
    os.sched_setaffinity(0, {options.cores[1]})
    for case in CASES:
        asyncio.run(in_process(onnx, work, case.rows, rounds=60))
    over_loopback(onnx, work, options)


if __name__ == "__main__":
    main()
