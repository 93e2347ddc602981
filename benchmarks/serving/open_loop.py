"""Open loop: requests at a constant rate, whether or not earlier ones are answered, as many users send them.

A generator of our own, since wrk and its like wait for an answer before they ask again. Each request goes out when it
is due, on a connection that waits for no answer; where there is none, it has failed.
"""

import asyncio
import re
import resource
import time
from collections import deque

import numpy as np
import uvloop

from serving.outcome import Outcome
from serving.process import Running
from serving.work import Work

CONNECTIONS = 2_000
OPENED_AT_ONCE = 100
TICK_SECONDS = 0.001
GIVE_UP_SECONDS = 1.0
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def overload(running: Running, work: Work, outcome: Outcome) -> None:
    """Ask for one row at the outcome's rate for its seconds, and fill in what happened."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    head = f"POST {running.server.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    asked = []
    for rows, expected in work.pieces(1):
        body = running.server.body(rows, work.signature)
        asked.append((f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body, expected))
    uvloop.run(Generator(running.port, asked, outcome).run())


class Generator:
    """The requests of one run, its connections and its clock."""

    def __init__(self, port: int, asked: list[tuple[bytes, np.ndarray]], outcome: Outcome) -> None:
        self._port, self._asked, self._outcome = port, asked, outcome
        self._all: set[Connection] = set()
        self._free: deque[Connection] = deque()

    async def run(self) -> None:
        """Ask, then wait for the last answers."""
        for _ in range(CONNECTIONS // OPENED_AT_ONCE):
            await asyncio.gather(*(self._open() for _ in range(OPENED_AT_ONCE)))
        keeper = asyncio.create_task(self._keep())
        self._start, used = time.perf_counter(), time.process_time()
        await self._ask()
        self._outcome.busy = (time.process_time() - used) / self._now()
        await asyncio.sleep(2 * GIVE_UP_SECONDS)
        keeper.cancel()
        for connection in list(self._all):
            connection.close()

    def answered(self, connection: "Connection", status: int, body: bytes) -> None:
        """An answer came."""
        if connection.due is not None:
            latency_ms = 1e3 * (self._now() - connection.due)
            self._outcome.answer(status, body, connection.expected, connection.due, latency_ms)
            connection.due = None
            self._free.append(connection)

    def lost(self, connection: "Connection") -> None:
        """A connection ended."""
        self._all.discard(connection)
        if connection.due is not None:
            self._outcome.counts["connection lost"] += 1

    def _now(self) -> float:
        return time.perf_counter() - self._start

    async def _ask(self) -> None:
        sent, total = 0, int(self._outcome.rate * self._outcome.seconds)
        while sent < total:
            for number in range(sent, min(int(self._now() * self._outcome.rate) + 1, total)):
                self._send(*self._asked[number % len(self._asked)], number / self._outcome.rate)
                sent += 1
            await asyncio.sleep(TICK_SECONDS)

    def _send(self, request: bytes, expected: np.ndarray, due: float) -> None:
        while self._free:
            connection = self._free.popleft()
            if connection in self._all:
                connection.send(request, expected, due)
                self._outcome.behind_ms.append(1e3 * (self._now() - due))
                return
        self._outcome.counts["no connection free"] += 1

    async def _open(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._port)
        except OSError:
            return  # tried again
        self._all.add(connection)
        self._free.append(connection)

    async def _keep(self) -> None:
        """Give up on what takes too long; keep the number of connections."""
        while True:
            await asyncio.sleep(GIVE_UP_SECONDS / 10)
            oldest = self._now() - GIVE_UP_SECONDS
            for connection in list(self._all):
                if connection.due is not None and connection.due < oldest:
                    self._outcome.counts["no answer"] += 1
                    connection.due = None
                    connection.close()
            missing = min(CONNECTIONS - len(self._all), OPENED_AT_ONCE)
            await asyncio.gather(*(self._open() for _ in range(missing)))


class Connection(asyncio.Protocol):
    """A connection: one request out, its answer in. ``due`` is when the request that waits for its answer was due."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._received = b""
        self.due: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = transport

    def send(self, request: bytes, expected: np.ndarray, due: float) -> None:
        """Ask."""
        self.due, self.expected = due, expected
        self._transport.write(request)

    def close(self) -> None:
        """End it without waiting for anything."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """A part of the answer, mostly all of it."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if found else None
        if length and len(body) >= int(length[1]):
            self._received = b""
            self._generator.answered(self, int(head[9:12]), body)

    def connection_lost(self, error: Exception | None) -> None:
        """It is closed."""
        self._generator.lost(self)
