"""Whether a server answers what the model says: before it is timed, and now and then while it is."""

import http.client
import random
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from serving.process import Running
from serving.work import Work, same

HEADERS = {"Content-Type": "application/json"}
EVERY_SECONDS = 0.2
PATIENCE_SECONDS = 60


class WrongAnswerError(Exception):
    """A server answered other numbers than the model's, or no numbers."""


def ask(running: Running, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
    """Status and body of one answer."""
    connection.request("POST", running.server.path, body, HEADERS)
    response = connection.getresponse()
    return response.status, response.read()


def connect(running: Running) -> http.client.HTTPConnection:
    """A connection to the server."""
    return http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)


def wait_until_right(running: Running, work: Work, sizes: set[int]) -> None:
    """Wait until the server answers, and check one answer of every body; raises WrongAnswerError."""
    running.wait_until_listening()
    first, _ = next(work.pieces(1))
    _wait_until_answering(running, running.server.body(first, work.signature))
    for size in sorted(sizes):
        for rows, expected in work.pieces(size):
            status, answer = ask(running, connect(running), running.server.body(rows, work.signature))
            if status != 200 or not same(answer, expected):
                raise WrongAnswerError(f"{running.server.name} answers {status} {answer[:300]!r}, not {expected[:3]}")


def _wait_until_answering(running: Running, body: bytes) -> None:
    """Some listen before their model is loaded."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            if ask(running, connect(running), body)[0] == 200:
                return
        time.sleep(0.2)


class Sampler:
    """Asks a few times a second while others load the server; raises WrongAnswerError at the end if any is wrong."""

    def __init__(self, running: Running, work: Work, size: int) -> None:
        self._running = running
        self._asked = [(running.server.body(rows, work.signature), expected) for rows, expected in work.pieces(size)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._wrong = b""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self._wrong and error is None:
            raise WrongAnswerError(f"{self._running.server.name} under load answers {self._wrong!r}")

    def _run(self) -> None:
        connection = connect(self._running)
        while not self._stop.wait(EVERY_SECONDS):
            body, expected = random.choice(self._asked)
            try:
                status, answer = ask(self._running, connection, body)
            except (OSError, http.client.HTTPException):
                connection = connect(self._running)  # no answer is no wrong one; the load counts what fails
                continue
            if status != 200 or not same(answer, expected):
                self._wrong = b"%d %s" % (status, answer[:300])
