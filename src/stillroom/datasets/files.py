"""The base of Stillroom's datasets: one file, written whole or not at all, versioned as Kedro does."""

import os
import shutil
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, Generic, TypeVar

import fsspec
from fsspec.implementations.local import LocalFileSystem
from kedro.io.core import AbstractVersionedDataset, DatasetError, Version, get_protocol_and_path

Saved = TypeVar("Saved")
Loaded = TypeVar("Loaded")


class UnreadableError(DatasetError):
    """A file is not there, or not whole, or does not hold what it should; the message is one sentence."""


class FileDataset(AbstractVersionedDataset[Saved, Loaded], Generic[Saved, Loaded]):
    """Reads and writes one path through fsspec; a subclass says only how (`read`, `write`).

    On a local disk the data goes to a temporary name beside the target and is renamed when whole, so that
    a killed run leaves the old version or none. Object stores publish an object when its upload ends.

    Args:
        filepath: a local path or any fsspec URL.
        version: Kedro's version, where the catalog entry says `versioned: true`.
        credentials, fs_args: passed to fsspec.
        metadata: ignored by Kedro; read by Kedro-Viz.
    """

    def __init__(
        self,
        *,
        filepath: str,
        version: Version | None = None,
        credentials: dict[str, Any] | None = None,
        fs_args: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ):
        protocol, path = get_protocol_and_path(filepath, version)
        self._protocol = protocol
        self._fs = fsspec.filesystem(protocol, **{**(fs_args or {}), **(credentials or {})})
        self._local = isinstance(self._fs, LocalFileSystem)
        self.metadata = metadata
        super().__init__(
            filepath=PurePosixPath(path), version=version, exists_function=self._fs.exists, glob_function=self._fs.glob
        )

    @abstractmethod
    def read(self, path: str) -> Loaded:
        """Read the data at a path."""

    @abstractmethod
    def write(self, path: str, data: Saved) -> None:
        """Write the data to a path."""

    def load(self) -> Loaded:
        """Load the data. Raises UnreadableError with one sentence when it is not there or not whole."""
        path = self._get_load_path().as_posix()
        if not self._fs.exists(path):
            raise UnreadableError(f"{path} is not there: put it there, or run the pipeline that makes it")
        try:
            return self.read(path)
        except DatasetError:
            raise
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise UnreadableError(f"{path} cannot be read ({reason}): write or copy it anew") from error

    def save(self, data: Saved) -> None:
        """Save the data, whole or not at all."""
        path = self._get_save_path().as_posix()
        if self._local:
            write_whole(Path(path), lambda temporary: self.write(temporary.as_posix(), data))
        else:
            self.write(path, data)
            self._fs.invalidate_cache()

    @property
    def local(self) -> bool:
        """Whether it lies on this machine's disk."""
        return self._local

    def move_to(self, path: Path) -> None:
        """From now on read and write this local path, unversioned, in place of the declared one."""
        self._fs, self._protocol, self._local = LocalFileSystem(), "file", True
        self._filepath, self._version = PurePosixPath(path.absolute().as_posix()), None
        self._exists_function, self._glob_function = self._fs.exists, self._fs.glob

    def _exists(self) -> bool:
        try:
            return bool(self._fs.exists(self._get_load_path().as_posix()))
        except DatasetError:
            return False

    def _release(self) -> None:
        super()._release()
        self._fs.invalidate_cache()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath.as_posix(), "protocol": self._protocol, "version": self._version}


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file or folder to a temporary name beside the path, then rename it to the path.

    A folder that stands in the way is first renamed, not emptied: whoever looks at the path sees the old
    folder, none, or the new one, but never a part of one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    replaced = path.with_name(f".{path.name}.{os.getpid()}.old")
    _remove(temporary)
    _remove(replaced)
    try:
        write(temporary)
        if path.is_dir():
            path.rename(replaced)
        temporary.replace(path)
    finally:
        _remove(temporary)
        _remove(replaced)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
