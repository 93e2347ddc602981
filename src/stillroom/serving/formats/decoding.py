"""The service's end of the decoder's process."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any, TypeVar

import orjson

import stillroom
from stillroom.serving.admission import too_late
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.decoder.wire import Batch, Task

# The decoder's own patience ends before.
PATIENCE_SECONDS = 15.0
LONGEST_REFUSAL = 1_000_000  # it may list all columns of a model
DECODER = "stillroom.serving.formats.decoder"
Read = TypeVar("Read")


class Decoder:
    """One process that decodes bodies, started with the first of them and again where a body ended it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def decode(self, task: Task, body: bytes, called: str) -> list[Batch]:
        """The batches of a body, which is ``called`` so in a refusal, together no larger than the task says.

        Waits for them. Raises RefusedError.
        """
        with self._lock:
            batches, why = self._ask(task, body)
        if isinstance(why, dict):
            raise RefusedError(**why)
        if why is not None:
            raise RefusedError(400, f"the body is not {called} that can be read: {why}")
        return batches

    def _ask(self, task: Task, body: bytes) -> tuple[list[Batch], dict[str, Any] | str | None]:
        connection = self._connection or self._start()
        until = perf_counter() + PATIENCE_SECONDS
        batches: list[Batch] = []
        left = task.max_bytes
        try:
            while connection.poll():  # what was said of a decoder that ended while nothing was asked
                connection.recv_bytes()
            task.send(connection, body)
            while columns := _receive(connection, until, left):
                batches.append(Batch(columns, _receive(connection, until, left - len(columns))))
                left -= len(batches[-1])
            return batches, orjson.loads(_receive(connection, until, LONGEST_REFUSAL))
        except (EOFError, OSError, ValueError):
            self._end()
            self._start()  # the next body need not wait for it
            return [], "its decoder ended"

    def _start(self) -> Connection:
        self._connection, theirs = Pipe()
        packages = str(Path(stillroom.__file__).parents[1])
        kept = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", DECODER, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            # It forks, and what Arrow would write as it ends takes memory that it no longer has. It has no metrics, of
            # which each fork would leave files.
            env={**kept, "PYTHONPATH": packages, "OPENBLAS_NUM_THREADS": "1", "RUST_BACKTRACE": "0"},
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        return self._connection

    def _end(self) -> None:
        assert self._process
        assert self._connection
        self._connection.close()
        self._process.kill()
        self._process.wait()


def _receive(connection: Connection, until: float, left: int) -> bytes:
    """One message of at most ``left`` bytes; raises OSError where it is longer or does not come in time."""
    if not connection.poll(max(0.0, until - perf_counter())):
        raise TimeoutError
    return connection.recv_bytes(left)


# One for all formats of a service's process.
SHARED = Decoder()
_turns = ThreadPoolExecutor(1, thread_name_prefix="stillroom-decoder")


async def in_turn(read: Callable[[], Read], until: float) -> tuple[Read, float]:
    """Read something by the decoder while the event loop goes on, one after another; and the seconds it took.

    Raises RefusedError where the turn comes after ``until``, of perf_counter; it is not read then.
    """

    def begin() -> tuple[Read, float]:
        begun = perf_counter()
        if begun > until:
            raise too_late()
        return read(), perf_counter() - begun

    return await asyncio.get_running_loop().run_in_executor(_turns, begin)
