"""One loop, or one sweep, at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click import ClickException


class LockedError(ClickException):
    """Another is at work; the message says which."""


@contextmanager
def lock(state: Path, what: str = "loop") -> Iterator[None]:
    """While this lasts, no other works on this state; the system frees it when the process ends, however it does.

    Raises LockedError where another has it.
    """
    path = state.with_name(f"{state.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LockedError(f"another {what} is at work (process {holder}, {path}): let it end, or stop it") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
