"""Two processes as two hosts, each at a loopback address of its own, with a folder as their shared storage."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 240  # seconds, on a busy machine

FIT = """
import sys
from dataclasses import replace
from pathlib import Path
from stillroom.training.fit import build_network, fit
from training import small

if __name__ == "__main__":
    folder, rendezvous = Path(sys.argv[1]), sys.argv[2]
    host, restarts, epochs = map(int, sys.argv[3:6])
    data = small.rows("binary")
    slow = small.model("own", _target_="training.slow.Slow", notes=str(folder / "notes"))
    hosts = {"nodes": 2, "rendezvous": rendezvous, "address": f"127.0.0.{host + 1}", "timeout": 120.0}
    recipe = small.recipe(
        folder / "checkpoints", batch_size=20, max_epochs=epochs, patience=epochs, max_restarts=restarts, **hosts
    )
    fitted = fit(build_network(slow, data.encoding, seed=7), data, replace(recipe, joins=host > 0))
    if host == 0:
        print([int(entry["epoch"]) for entry in fitted.history])
"""


def start(command: list[str], cwd: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a host's command in a process group of its own, so that the whole host can be killed."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**environment, "GLOO_SOCKET_IFNAME": "lo"},
        text=True,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def start_fit(folder: Path, port: int, host: int, *, restarts: int = 0, epochs: int = 6) -> subprocess.Popen[str]:
    """Start a host's part of a fit of ten steps an epoch."""
    (folder / "fit.py").write_text(FIT)
    numbers = [str(number) for number in (host, restarts, epochs)]
    command = [sys.executable, str(folder / "fit.py"), str(folder), f"127.0.0.1:{port}", *numbers]
    paths = f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"
    return start(command, folder, {**os.environ, "PYTHONPATH": paths})


def kill(host: subprocess.Popen[str]) -> None:
    """All of a host's processes at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(host.pid, signal.SIGKILL)
    host.wait()


def wait_until(condition: Callable[[], bool], *hosts: subprocess.Popen[str]) -> None:
    """Wait until something is so while all hosts live."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        for host in hosts:
            assert host.poll() is None, host.communicate()[0][-3000:]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ended(host: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit status and all that a host said."""
    said, _ = host.communicate(timeout=PATIENCE)
    return host.returncode, said
