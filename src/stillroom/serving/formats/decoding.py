"""The service's end of the decoder's process."""

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock

import stillroom
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.decoder.batches import Values
from stillroom.serving.formats.decoder.decode import Task

PATIENCE_SECONDS = 10.0
DECODER = "stillroom.serving.formats.decoder"


class Decoder:
    """One process that decodes bodies, started with the first of them and again where a body ended it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def decode(self, task: Task, called: str) -> list[Mapping[str, Values]]:
        """The columns of each batch of a body, which is ``called`` so in a refusal; raises RefusedError."""
        with self._lock:
            answer = self._ask(task)
        if isinstance(answer, tuple):
            raise RefusedError(*answer)
        if isinstance(answer, str):
            raise RefusedError(400, f"the body is not {called} that can be read: {answer}")
        return answer

    def _ask(self, task: Task) -> list[Mapping[str, Values]] | tuple[int, str] | str:
        if self._connection is None:
            self._start()
        assert self._connection
        try:
            self._connection.send_bytes(pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL))
            if not self._connection.poll(PATIENCE_SECONDS):
                raise TimeoutError
            return pickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            self._end()
            self._start()  # the next body need not wait for it
            return "its decoder gave up on it"

    def _start(self) -> None:
        self._connection, theirs = Pipe()
        packages = str(Path(stillroom.__file__).parents[1])
        self._process = subprocess.Popen(
            [sys.executable, "-m", DECODER, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": packages},
            stderr=subprocess.DEVNULL,
        )
        theirs.close()

    def _end(self) -> None:
        assert self._process
        assert self._connection
        self._connection.close()
        self._process.kill()
        self._process.wait()


# One for all formats of a service's process.
SHARED = Decoder()
