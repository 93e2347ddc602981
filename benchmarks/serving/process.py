"""A server as a process, and all processes that it starts: on one core, paused while others have their turn."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from serving.registry import FOLDER, Server

READY_SECONDS = 120


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A server that runs on one core, or some, `0,1`; a context manager."""

    def __init__(self, server: Server, onnx: Path, core: int | str, log: Path) -> None:
        self.server, self.port = server, free_port()
        command = ["taskset", "--cpu-list", str(core), str(server.python), *server.arguments]
        given = {name: self._filled(value) for name, value in server.environment.items()}
        environment = {**os.environ, **given, "MODEL": str(onnx), "PYTHONPATH": str(FOLDER)}
        environment |= {"BENTOML_DO_NOT_TRACK": "True", "RAY_USAGE_STATS_ENABLED": "0"}
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [self._filled(word) for word in command],
                cwd=FOLDER,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._root = psutil.Process(self._process.pid)
        self._log = log

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """What it has printed."""
        return self._log.read_text(errors="replace")

    def wait_until_listening(self) -> None:
        """Wait for the port; raises RuntimeError with the end of the server's log where it does not come."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.server.name} does not listen: {self.log[-2000:]}")

    def pause(self) -> None:
        """Take the core away from it."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Give the core back."""
        self._signal(signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """The processor time that all its processes have used."""
        times = [each.cpu_times() for each in self._tree()]
        return sum(each.user + each.system for each in times)

    def rss_mb(self) -> float:
        """The resident memory of all its processes; pages they share are counted in each."""
        return sum(each.memory_info().rss for each in self._tree()) / 2**20

    def stop(self) -> None:
        """End all its processes."""
        tree = self._tree()
        for ask in (psutil.Process.resume, psutil.Process.terminate):
            self._each(tree, ask)
        _, alive = psutil.wait_procs(tree, timeout=10)
        self._each(alive, psutil.Process.kill)
        self._process.wait()

    def _signal(self, number: int) -> None:
        self._each(self._tree(), lambda process: process.send_signal(number))

    def _tree(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return [self._root, *self._root.children(recursive=True)]
        return []

    @staticmethod
    def _each(processes: list[psutil.Process], call) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                call(process)

    def _filled(self, word: str) -> str:
        return str(self.port) if word == "PORT" else word
