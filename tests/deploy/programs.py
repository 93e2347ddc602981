"""The real Prometheus and Alertmanager with the project's configuration, and a receiver of its webhooks."""

import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
HASTE = [(r"(scrape|evaluation)_interval: \d+s", r"\1_interval: 1s"), (r"\bfor: \d+m", "for: 1s")]
HASTE += [(r"group_(wait|interval): \d+[smh]", r"group_\1: 1s")]


def eventually(look: Callable[[], Any], what: str, patience: float = 60.0) -> Any:
    """What ``look`` finds, as soon as it finds anything."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"after {patience:g} s still not: {what}")


class Receiver:
    """What came to the webhooks, by path: [alerts]."""

    def __init__(self) -> None:
        self._came: list[tuple[str, dict[str, Any]]] = []

    def take(self, path: str, body: bytes) -> None:
        """Keep one notification's alerts."""
        self._came += [(path, alert) for alert in json.loads(body)["alerts"]]

    def last(self, path: str, **labels: str) -> dict[str, Any] | None:
        """The last alert that came to this path with such labels."""
        fits = [a for at, a in self._came if at == path and labels.items() <= a["labels"].items()]
        return fits[-1] if fits else None


@contextmanager
def receiver(port: int) -> Iterator[Receiver]:
    """A small HTTP server that takes webhooks."""
    came = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.take(self.path, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield came
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def prometheus(folder: Path, ports: Mapping[str, int]) -> Iterator[str]:
    """Prometheus by deploy/prometheus, but for the ports and for how long it waits; its address."""
    config = _configured("prometheus/prometheus.yml", folder, ports)
    (folder / "rules").mkdir()
    for rules in (DEPLOY / "prometheus/rules").glob("*.yml"):
        _configured(f"prometheus/rules/{rules.name}", folder / "rules", {})
    port = free_port()
    arguments = ["--config.file", str(config), "--storage.tsdb.path", str(folder / "tsdb")]
    with _running(["prometheus", *arguments, f"--web.listen-address=127.0.0.1:{port}"], port, folder) as url:
        yield url


@contextmanager
def alertmanager(folder: Path, ports: Mapping[str, int], port: int) -> Iterator[str]:
    """Alertmanager by deploy/alertmanager, likewise."""
    config = _configured("alertmanager/alertmanager.yml", folder, ports)
    arguments = ["--config.file", str(config), "--storage.path", str(folder / "alerts"), "--cluster.listen-address="]
    command = ["prometheus-alertmanager", *arguments]
    with _running([*command, f"--web.listen-address=127.0.0.1:{port}"], port, folder) as url:
        yield url


def ask(url: str, expression: str) -> list[dict[str, Any]]:
    """What Prometheus says of an expression now: the samples, each with its labels as `metric` and its `value`."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": expression}, timeout=60).json()
    assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
    return answer["data"]["result"]


def _configured(name: str, folder: Path, ports: Mapping[str, int]) -> Path:
    text = (DEPLOY / name).read_text()
    for declared, port in ports.items():
        assert f"127.0.0.1:{declared}" in text
        text = text.replace(f"127.0.0.1:{declared}", f"127.0.0.1:{port}")
    for pattern, replacement in HASTE:
        text = re.sub(pattern, replacement, text)
    path = folder / Path(name).name
    path.write_text(text)
    return path


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[str]:
    url, log = f"http://127.0.0.1:{port}", folder / f"{Path(command[0]).name}.log"
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    try:
        eventually(lambda: _is_ready(url), f"ready: {log}")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").status_code == 200
    except httpx.TransportError:
        return False
