"""Where profiles go: a directory, or anything else that fsspec can write to."""

import os
import uuid
from pathlib import Path
from typing import Any


class ProfileStore:
    """Writes files whole or not at all, to an absolute path or an fsspec URL such as `s3://bucket/profiles`.

    On a disk a file is renamed when it is whole; object stores publish one when its upload ends. What fails raises
    whatever the filesystem raises.
    """

    def __init__(self, place: str) -> None:
        self.directory = None if "://" in place else Path(place)
        self._place, self._filesystem = place.rstrip("/"), None

    def write(self, name: str, content: bytes) -> None:
        """Write one file."""
        if self.directory is None:
            self._remote().pipe_file(f"{self._place}/{name}", content)
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        unfinished = self.directory / f".{name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp"
        unfinished.write_bytes(content)
        unfinished.replace(self.directory / name)

    def _remote(self) -> Any:
        # fsspec is imported, and the store looked for, only by who writes to one, and not on the request path.
        if self._filesystem is None:
            import fsspec

            self._filesystem, _ = fsspec.core.url_to_fs(self._place)
        return self._filesystem
