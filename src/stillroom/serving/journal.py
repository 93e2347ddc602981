"""How many rows would be lost if this process were killed now, in a file that outlives it.

The file is mapped into memory, so that counting a row writes eight bytes and asks nothing of the system; it is locked
as long as its process lives, so that whoever finds it unlocked knows that its process was killed.
"""

import fcntl
import logging
import mmap
import os
import struct
import uuid
from pathlib import Path

logger = logging.getLogger(__name__)
COUNT = struct.Struct("<q")
SUFFIX = ".journal"


class Journal:
    """The rows of one process that are in no profile yet; raises OSError where the directory cannot be written."""

    def __init__(self, directory: Path, name: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / f".{name}{SUFFIX}"
        beginning = directory / f".{uuid.uuid4().hex}.tmp"
        self._file = os.open(beginning, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.write(self._file, COUNT.pack(0))
        self._map = mmap.mmap(self._file, COUNT.size)
        beginning.rename(self._path)  # only now, locked, may others find it

    def set(self, rows: int) -> None:
        """Tell how many rows would be lost from now on."""
        COUNT.pack_into(self._map, 0, rows)

    def close(self) -> None:
        """Nothing can be lost any more."""
        self._path.unlink(missing_ok=True)
        self._map.close()
        os.close(self._file)


def lost_rows(directory: Path, prefix: str) -> int:
    """The rows that killed processes, whose journals' names begin with ``prefix``, left in no profile; told once."""
    return sum(_lost(path) for path in sorted(directory.glob(f".{prefix}*{SUFFIX}")))


def _lost(path: Path) -> int:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not path.exists():  # another service of the same model has told it
                return 0
            (rows,) = COUNT.unpack(file.read(COUNT.size))
            path.unlink()
    except (OSError, struct.error):  # its process lives
        return 0
    if rows:
        logger.warning("a service was killed: %d rows of its last interval are in no profile (%s)", rows, path.name)
    return int(rows)
