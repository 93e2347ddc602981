"""Two replicas of one Bento behind nginx, each asked to end while it works, and started again."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from ports import free_port
from serving.conftest import PROJECT, Built
from serving.served import served

ENOUGH = 500  # requests that each replica answers before and after each restart
POST = """
wrk.method = "POST"
wrk.body = '{"rows": [{"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"}]}'
wrk.headers["Content-Type"] = "application/json"
"""


class Replica:
    """One of several services of the same Bento, on a port that it keeps when it is restarted."""

    def __init__(self, flights: Built, stack: ExitStack) -> None:
        self.port = free_port()
        self._flights, self._stack = flights, stack
        self.start()

    def start(self) -> None:
        """Serve, once ready."""
        variables = {"BENTOML_HOME": str(self._flights.home), "STILLROOM_SERVING_DRAIN_SECONDS": "1"}
        self._running = self._stack.enter_context(ExitStack())
        self._running.enter_context(served(self._flights.bento, variables, port=self.port))

    def restart(self) -> None:
        """SIGTERM, the end, and the next one."""
        self._running.close()
        self.start()

    def answered(self) -> float:
        """How many predictions it has answered since it was started."""
        lines = httpx.get(f"http://127.0.0.1:{self.port}/metrics").text.splitlines()
        counts = [line for line in lines if line.startswith("stillroom_requests_total{") and 'status="200"' in line]
        return sum(float(line.rsplit(" ", 1)[1]) for line in counts)


def until_all_answer(replicas: list[Replica]) -> None:
    """Wait until each has answered some more requests."""
    wanted = [replica.answered() + ENOUGH for replica in replicas]
    deadline = time.monotonic() + 120
    while any(replica.answered() < least for replica, least in zip(replicas, wanted, strict=True)):
        assert time.monotonic() < deadline
        time.sleep(0.2)


@contextmanager
def nginx(replicas: list[Replica], folder: Path) -> Iterator[str]:
    """Debian's nginx with the configuration of the project, but for the ports."""
    ports = {"8080": free_port(), "3001": replicas[0].port, "3002": replicas[1].port}
    text = (PROJECT / "deploy/nginx/nginx.conf").read_text()
    for declared, port in ports.items():
        text = text.replace(f"127.0.0.1:{declared}", f"127.0.0.1:{port}")
    (folder / "nginx.conf").write_text(text)
    with (folder / "nginx.log").open("w") as log:
        command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", "nginx.conf"]
        process = subprocess.Popen(command, stderr=log)
        base_url = f"http://127.0.0.1:{ports['8080']}"
        try:
            wait_for(base_url)
            yield base_url
        finally:
            process.terminate()
            process.wait(10)


def wait_for(base_url: str) -> None:
    """Come back once somebody listens there."""
    for _ in range(100):
        try:
            httpx.get(base_url)
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nobody listens at {base_url}")


@contextmanager
def load(url: str, folder: Path, connections: int = 16) -> Iterator[list[str]]:
    """Ask without a pause from all connections; wrk's summary is in the list afterwards."""
    (folder / "post.lua").write_text(POST)
    summary: list[str] = []
    command = ["wrk", "-t1", f"-c{connections}", "-d600s", "--timeout", "20s", "-s", str(folder / "post.lua"), url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield summary
    finally:
        process.send_signal(signal.SIGINT)
        summary.append(process.communicate(timeout=60)[0])


@pytest.mark.slow
def test_no_request_fails_while_two_replicas_are_restarted_in_turns(flights: Built, tmp_path: Path) -> None:
    with ExitStack() as stack:
        replicas = [Replica(flights, stack), Replica(flights, stack)]
        base_url = stack.enter_context(nginx(replicas, tmp_path))
        with load(f"{base_url}/predict", tmp_path) as summary:
            until_all_answer(replicas)
            for replica in replicas:
                replica.restart()
                until_all_answer(replicas)

    print(summary[0], (tmp_path / "nginx.log").read_text()[-1000:])
    requests = int(re.search(r"(\d+) requests in", summary[0])[1])
    assert "Socket errors" not in summary[0]
    assert "Non-2xx" not in summary[0]
    assert requests >= 4 * ENOUGH
