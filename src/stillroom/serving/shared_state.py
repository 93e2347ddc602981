"""The state as a file that the workers of one service share, and what each of them made of it.

Workers share a socket, so that a call reaches only one of them; the others see the file change.
"""

import atexit
import fcntl
import json
import logging
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stillroom.serving.settings import PREFIX, ServiceConfig, SettingsError
from stillroom.serving.state import State

logger = logging.getLogger(__name__)
VARIABLE = f"{PREFIX}STATE_DIR"
# A worker renews its note several times a second.
DEAD_SECONDS = 10.0


def provide_directory(config: ServiceConfig) -> None:
    """Before the workers start: a directory they can write; one of their own where none is declared.

    The latter is named in the environment, which the workers inherit, and goes when this process ends. Raises
    SettingsError where the declared one cannot be written.
    """
    if config.state_dir is None:
        directory = tempfile.mkdtemp(prefix="stillroom-state-")
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
        os.environ[VARIABLE] = directory
        return
    try:
        config.state_dir.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=config.state_dir).close()
    except OSError as error:
        raise SettingsError(f"{VARIABLE}: {config.state_dir} cannot be written ({error.strerror})") from error


class SharedState:
    """The state of one service, as its workers read and write it.

    ``declared`` is the state in which the service began; ``worker`` the name of this worker among them.
    Methods raise OSError where the directory cannot be read or written.
    """

    def __init__(self, directory: Path, declared: State, worker: str | None = None) -> None:
        self.worker = worker or f"{socket.gethostname()}-{os.getpid()}"
        self._declared = declared
        self._directory, self._file = directory, directory / "versions.json"
        self._note = directory / f"worker-{self.worker}.json"

    def begin(self) -> None:
        """Begin with the declared state, unless workers of this service have begun before."""
        with self.exclusive():
            if self.read() is None:
                self.write(self._declared)

    def stamp(self) -> tuple[int, int] | None:
        """What differs after every change of the state; None where there is none."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def read(self) -> State | None:
        """The state; None where there is none, or none that began as this service did."""
        try:
            state = State.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            logger.warning("%s is no state and was passed over: %s", self._file, error.errors()[0]["msg"])
            return None
        return state if state.declared == self._declared.declared else None

    def write(self, state: State) -> None:
        """Replace the state; only within `exclusive`."""
        _write(self._file, state.model_dump_json())

    def restore(self, state: State) -> None:
        """Write the state again where the file was taken away, as tidying of temporary files does."""
        with self.exclusive():
            if self.stamp() is None:
                self.write(state)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """While this lasts no other worker changes the state."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / "versions.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def note(self, serves: dict[str, Any]) -> None:
        """Tell what this worker serves."""
        _write(self._note, json.dumps({"worker": self.worker, **serves}))

    def is_noted(self) -> bool:
        """Renew the note, as a sign of life; False where it is gone."""
        try:
            os.utime(self._note)
        except FileNotFoundError:
            return False
        return True

    def leave(self) -> None:
        """Take the note away; never raises, since the worker ends anyway."""
        with suppress(OSError):
            self._note.unlink()

    def notes(self) -> list[dict[str, Any]]:
        """What the living workers serve; what dead ones left is removed."""
        found = []
        for path in sorted(self._directory.glob("worker-*.json")):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > DEAD_SECONDS:
                    path.unlink()
                else:
                    found.append(json.loads(path.read_bytes()))
        return found


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    unfinished.write_text(text)
    unfinished.replace(path)
