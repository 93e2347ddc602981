"""Send mutated requests to every decoder of a served app: `python benchmarks/fuzzing.py [--inputs 100000] [--seed 0]`.

Prints statuses by decoder, server errors, stack traces in the service's log, and how its memory grew; then how often
the quick way of reading JSON rows and the slow one answered differently. Ends with 1 where any of them is not none.
"""

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

PROJECT = Path(__file__).parents[1]
sys.path[:0] = [str(PROJECT / "tests"), str(PROJECT / "src"), str(PROJECT / "benchmarks")]

import numpy as np  # noqa: E402

from fuzzing.differential import differences  # noqa: E402
from fuzzing.mutations import mutated  # noqa: E402
from fuzzing.senders import Grpc, Http, Lambda  # noqa: E402
from fuzzing.targets import targets  # noqa: E402
from ports import free_port  # noqa: E402

WARM = 0.3  # the part of a run after which memory counts


def main() -> int:
    """Send all, print what came back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryFile("w+") as log:
        ports = free_port(), free_port()
        command = [sys.executable, "-m", "fuzzing.served", *map(str, ports)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:3])}
        service = subprocess.Popen(command, stdout=log, stderr=log, env=env)
        try:
            statuses, memory = _send(asked.inputs, Random(asked.seed), service.pid, ports)
            alive = service.poll() is None
        finally:
            service.terminate()
            service.wait()
        log.seek(0)
        text = log.read()
    different = differences(asked.inputs // 5, Random(asked.seed))
    failed = sum(count for each in statuses.values() for status, count in each.items() if status >= 500)
    traces = text.count("Traceback")
    print(f"\n{asked.inputs} inputs: {failed} server errors, {traces} stack traces; the service lived on: {alive}")
    _print_growth(np.array(memory))
    print(f"quick and slow reading of JSON rows, {asked.inputs // 5} bodies: {len(different)} differences")
    print("\n".join(different[:10]), text[-3000:] if traces else "")
    return int(bool(failed or traces or different or not alive))


def _send(inputs: int, random: Random, service: int, ports: tuple[int, int]) -> tuple[dict[str, Counter], list]:
    every = targets()
    senders = {"grpc": Grpc(ports[1]), "lambda": Lambda()}
    http_sender = Http(ports[0])
    statuses: dict[str, Counter] = {each.name: Counter() for each in every}
    memory: list[tuple[int, float]] = []
    seeds = [seed for each in every for seed in each.seeds]
    begun = time.monotonic()
    for number in range(inputs):
        target = every[number % len(every)]
        body = mutated(random.choice(target.seeds), seeds, random)
        try:
            status = senders.get(target.path, http_sender).send(target, body)
        except (http.client.HTTPException, OSError):
            status = 599  # no answer at all
        statuses[target.name][status] += 1
        if number >= WARM * inputs and number % max(1, inputs // 200) == 0:
            memory.append((number, _resident(service)))
    for name, counts in statuses.items():
        print(f"{name:28}", "  ".join(f"{status}: {count}" for status, count in sorted(counts.items())))
    print(f"{time.monotonic() - begun:.0f} s")
    return statuses, memory


def _print_growth(memory: np.ndarray) -> None:
    """Of [times, (inputs sent, megabytes)], after the service is warm: the slope of each third, whether it flattens."""
    slopes = [1e6 * np.polyfit(*part.T, 1)[0] for part in np.array_split(memory, 3)]
    thirds = ", ".join(f"{slope:.1f}" for slope in slopes)
    print(f"resident memory {memory[0, 1]:.1f} to {memory[-1, 1]:.1f} MB; kB per 1,000 inputs, by thirds: {thirds}")


def _resident(process: int) -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
