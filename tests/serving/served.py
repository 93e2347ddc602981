"""Serve a Bento as users do, in processes of its own on a free loopback port, for the tests."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ports import free_port


@dataclass(frozen=True)
class Service:
    """A service that is ready at ``url``, and the process to be asked to end."""

    url: str
    process: subprocess.Popen


@contextmanager
def served(bento: str | Path, env: Mapping[str, str] | None = None, **how: Any) -> Iterator[str]:
    """The base URL of a service, which is run as `running` does."""
    with running(bento, env, **how) as service:
        yield service.url


@contextmanager
def running(
    bento: str | Path,
    env: Mapping[str, str] | None = None,
    python: str | Path = sys.executable,
    patience: float = 120.0,
    port: int | None = None,
) -> Iterator[Service]:
    """Run `bentoml serve` on a Bento's tag or directory and yield it once it is ready.

    ``env`` is added to this process's environment (set BENTOML_HOME there); ``python`` is the interpreter of the
    environment to serve from; ``port`` a free one unless given. On leaving, the service is asked to end, and ended by
    force if it does not. Raises RuntimeError with the service's log where it ends early or is not ready within
    ``patience`` seconds.
    """
    port = port or free_port()
    command = [str(python), "-m", "bentoml", "serve", str(bento), "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "BENTOML_DO_NOT_TRACK": "True", "STILLROOM_SERVING_DRAIN_SECONDS": "0", **(env or {})}
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=directory, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait_until_ready(process, base_url, patience, log)
            yield Service(base_url, process)
        finally:
            _stop(process)


def _wait_until_ready(process: subprocess.Popen, base_url: str, patience: float, log) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{base_url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    log.seek(0)
    raise RuntimeError(f"the service at {base_url} did not become ready:\n{log.read()[-4000:]}")


def _stop(process: subprocess.Popen, patience: float = 30.0) -> None:
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
