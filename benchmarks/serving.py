"""Every server in one run on loopback: same ONNX file, same rows, one core for the server and one for the load.

    python benchmarks/serving.py                    # after `make run`; see benchmarks/serving/README.md
    python benchmarks/serving.py --parts open --minutes 10

Closed loop by wrk, in turns; overload by an open loop; and where the time of one request goes. A server whose virtual
environment is missing is left out, which is printed.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bentoml._internal.bento.bento import BentoStore
from bentoml._internal.models import ModelStore

from serving.checks import wait_until_right
from serving.closed_loop import BrokenServerError, Case, Turn, turn
from serving.memory import MemoryWatch
from serving.open_loop import overload
from serving.outcome import Outcome
from serving.process import Running
from serving.registry import registry
from serving.report import print_case, print_outcome, print_ratios, print_steps
from serving.steps import steps
from serving.work import Work
from stillroom.datasets.store import home
from stillroom.integrity.model import MODEL_FILE

ROOT = Path(__file__).parents[1]
CASES = [Case(1, 1), Case(8, 1), Case(32, 1), Case(8, 64)]
PEERS = ["ours", "floor", "FastAPI", "FastAPI quick", "BentoML stock", "LitServe", "MLServer", "Ray Serve"]
OVERLOAD = 1.5  # times the capacity
LOADS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)  # of the closed loop's throughput, of which the best is the capacity


class Bench:
    """The options, the model of the Bento, the requests."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        bento = BentoStore(home() / "bentos").get(options.bento)
        model = ModelStore(home() / "models").get(bento.info.labels["model"])
        self.onnx = Path(model.path_of(MODEL_FILE))
        self.work = Work.draw(options.table, self.onnx, max(case.rows for case in CASES))
        self._known = registry(str(bento.tag), options.environments)
        print(f"{bento.tag} with {model.tag}, {self.onnx.stat().st_size / 1e3:.1f} kB", flush=True)

    @contextmanager
    def started(self, names: list[str]) -> Iterator[dict[str, Running]]:
        """These servers by name, those that are installed, checked and paused."""
        with ExitStack() as stack, tempfile.TemporaryDirectory() as logs:
            running: dict[str, Running] = {}
            for server in [self._known[name] for name in names]:
                if not server.python.exists():
                    print(f"{server.name} is left out: there is no {server.python}")
                    continue
                log = Path(logs, server.name)
                process = stack.enter_context(Running(server, self.onnx, self.options.cores[0], log))
                self._check(process)
                process.pause()
                running[server.name] = process
            yield running

    def _check(self, running: Running) -> None:
        if running.server.name == "uvicorn alone":
            running.wait_until_listening()
        else:
            wait_until_right(running, self.work, {case.rows for case in CASES})


def closed(bench: Bench) -> None:
    """Every case, every server, in turns."""
    cases: dict[Case, dict[str, list[Turn]]] = {}
    with bench.started(bench.options.servers) as running:
        for case in CASES:
            cases[case] = {name: [] for name in running}
            for each in range(bench.options.rounds):
                for name in list(running)[:: -1 if each % 2 else 1]:
                    try:
                        cases[case][name].append(turn(running[name], bench.work, case, bench.options.seconds))
                    except BrokenServerError as error:
                        print(f"left out from now on: {error}")
                        del running[name], cases[case][name]
            print_case(case, cases[case])
    print_ratios(cases)


def opened(bench: Bench) -> None:
    """Each at one and a half times its own capacity: the most that it answers in time of any load on as many users."""
    for name in bench.options.overloaded:
        with bench.started([name]) as running:
            server = running[name]
            busiest = max(turn(server, bench.work, case, bench.options.seconds).rate for case in CASES[:3])
            print(f"\n{name}: {busiest:,.0f}/s in a closed loop; goodput at loads of an open loop:")
            server.resume()
            peak = max(_goodput(bench, server, load * busiest) for load in LOADS)
            if not peak:
                print(f"\n{name} answers nothing in {bench.options.deadline_ms:.0f} ms: no overload is tried")
                continue
            outcome = Outcome(OVERLOAD * peak, 60 * bench.options.minutes, bench.options.deadline_ms)
            with MemoryWatch(server) as memory:
                overload(server, bench.work, outcome)
            print_outcome(name, outcome, peak, memory)


def _goodput(bench: Bench, server: Running, rate: float) -> float:
    outcome = Outcome(rate, bench.options.seconds, bench.options.deadline_ms)
    overload(server, bench.work, outcome)
    print(f"  {rate:9,.0f}/s offered {outcome.goodput:9,.0f}/s", flush=True)
    return outcome.goodput


def apart(bench: Bench) -> None:
    """The round trip of one connection, taken apart."""
    with bench.started(["ours", "uvicorn alone"]) as running:
        turns = [
            [turn(each, bench.work, CASES[0], bench.options.seconds, name == "ours") for name, each in running.items()]
            for _ in range(bench.options.rounds)
        ]
    ours, alone = (min(1e6 / each[which].rate for each in turns) for which in (0, 1))
    print_steps(steps(bench.work, bench.onnx, bench.options.cores[0]), ours, alone)


PARTS = {"steps": apart, "closed": closed, "open": opened}


def main() -> None:
    """Read the options; run the parts."""
    listed = lambda text: text.split(",")  # noqa: E731
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=listed, default=list(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--servers", type=listed, default=PEERS, help=f"of {','.join(PEERS)}")
    parser.add_argument("--overloaded", type=listed, default=["ours"], help="servers that get the open loop")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each turn")
    parser.add_argument("--minutes", type=float, default=1.0, help="of the open loop")
    parser.add_argument("--deadline-ms", type=float, default=100.0, help="of an answer that counts as goodput")
    parser.add_argument("--cores", type=lambda text: list(map(int, text.split(","))), default=[0, 1])
    parser.add_argument("--bento", default="stillroom_flights:latest")
    parser.add_argument("--table", type=Path, default=ROOT / "data/03_primary/flights/training_table.parquet")
    parser.add_argument("--environments", type=Path, default=ROOT / ".venv", help="where the peers' own ones are")
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.cores[1]})
    bench = Bench(options)
    for part in options.parts:
        PARTS[part](bench)


if __name__ == "__main__":
    main()
