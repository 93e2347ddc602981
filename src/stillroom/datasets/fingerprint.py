"""What data a dataset holds now, told without loading it."""

from pathlib import Path
from typing import Any, NamedTuple

from fsspec.implementations.local import LocalFileSystem
from kedro.io.core import AbstractVersionedDataset

from stillroom.fingerprints import UnknownError, digest, file_fingerprint


class DataVersion(NamedTuple):
    """A fingerprint of the content, and what it was found in."""

    fingerprint: str
    files: int
    bytes: int


def data_version(dataset: Any) -> DataVersion:
    """Of a dataset in files: by their content, or as their remote storage tells one version from another.

    Other datasets say it themselves by a method `fingerprint`. Raises UnknownError where they have none.
    """
    dataset = getattr(dataset, "_dataset", dataset)  # what Kedro's CachedDataset wraps
    if hasattr(dataset, "fingerprint"):
        return DataVersion(dataset.fingerprint(), 0, 0)
    storage = getattr(dataset, "_fs", None)
    if storage is None or not isinstance(dataset, AbstractVersionedDataset):
        raise UnknownError(f"a {type(dataset).__name__} does not say which data it holds")
    path = dataset._get_load_path().as_posix()
    named = [path] if storage.exists(path) else storage.glob(path)
    files = sorted(file for name in named for file in storage.find(name))
    local = isinstance(storage, LocalFileSystem)
    versions = [file_fingerprint(Path(file)) if local else str(storage.ukey(file)) for file in files]
    # Names below the path alone: the same data in another place is the same data.
    names = [file.removeprefix(path) for file in files] if len(named) == 1 else files
    parts = [part for pair in zip(names, versions, strict=True) for part in pair]
    return DataVersion(digest(*parts), len(files), sum(map(storage.size, files)))
