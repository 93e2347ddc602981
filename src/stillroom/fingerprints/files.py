"""The fingerprint of a file, cheap also where the file is large."""

import hashlib
import os
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from stillroom.fingerprints.values import digest

READ_WHOLE = 64 * 2**20
SAMPLE = 2**20


def file_fingerprint(path: Path) -> str:
    """Of the whole content up to 64 MiB; of more, of its first and last MiB, its size and the time it was written.

    A file that keeps size and time is not read again by the same process. Raises OSError where there is none.
    """
    found = path.stat()
    return _fingerprint(str(path.resolve()), found.st_size, found.st_mtime_ns)


def tree_fingerprint(folder: Path, without: Collection[str] = (".pyc",)) -> str:
    """Of the names and the content of all files under a folder, but for those that end so."""
    files = sorted(path for path in folder.rglob("*") if path.suffix not in without and path.is_file())
    return digest(*(part for path in files for part in (path.relative_to(folder).as_posix(), path.read_bytes())))


@lru_cache(maxsize=4096)
def _fingerprint(path: str, size: int, written: int) -> str:
    with open(path, "rb") as file:
        if size <= READ_WHOLE:
            return hashlib.file_digest(file, "sha256").hexdigest()
        first = file.read(SAMPLE)
        file.seek(-SAMPLE, os.SEEK_END)
        return digest(first, file.read(), str(size), str(written))
