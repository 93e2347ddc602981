"""Closed loop: so many connections, each asking again as soon as it is answered, by wrk."""

import re
import subprocess
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from serving.checks import Sampler
from serving.process import Running
from serving.work import Work

SCRIPT = Path(__file__).with_name("wrk.lua")
WARM_SECONDS = 1


class BrokenServerError(Exception):
    """A server takes no connections any more."""


@dataclass(frozen=True)
class Case:
    """How many connections ask at once, and for how many rows each."""

    connections: int
    rows: int

    def __str__(self) -> str:
        connections = "connection" if self.connections == 1 else "connections"
        return f"{self.connections} {connections}, {self.rows} {'row' if self.rows == 1 else 'rows'}"


@dataclass(frozen=True)
class Turn:
    """One server's figures of some seconds: answers a second, latencies and processor time a request in µs."""

    rate: float
    p50: float
    p99: float
    cpu: float
    failed: int


def turn(running: Running, work: Work, case: Case, seconds: int, checked: bool = True) -> Turn:
    """Load a paused server, looking at some of its answers where they are to be ``checked``, and pause it again."""
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder, "bodies")
        asked = [running.server.body(rows, work.signature) for rows, _ in work.pieces(case.rows)]
        bodies.write_bytes(b"\n".join(asked) + b"\n")
        running.resume()
        _wrk(running, case, WARM_SECONDS, bodies)
        before = running.cpu_seconds()
        with Sampler(running, work, case.rows) if checked else nullcontext():
            found = _wrk(running, case, seconds, bodies)
        cpu = running.cpu_seconds() - before
        running.pause()
    answered = found["requests"] - found["refused"]
    failed = int(found["refused"] + found["broken"])
    return Turn(answered / found["seconds"], found["p50"], found["p99"], 1e6 * cpu / max(answered, 1), failed)


def _wrk(running: Running, case: Case, seconds: int, bodies: Path) -> dict[str, float]:
    address = f"http://127.0.0.1:{running.port}{running.server.path}"
    command = ["wrk", "--threads", "1", "--connections", str(case.connections), "--duration", f"{seconds}s"]
    command += ["--timeout", "10s", "--script", str(SCRIPT), address, "--", str(bodies)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise BrokenServerError(f"{running.server.name}: {done.stdout}{done.stderr}{running.log[-1000:]}")
    return {name: float(value) for name, value in re.findall(r"^(\w+) ([\d.e+]+)$", done.stdout, re.MULTILINE)}
