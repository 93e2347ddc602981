"""How much a dataset of the catalog holds: rows, and bytes of its files."""

from typing import Any

from fsspec.implementations.local import LocalFileSystem
from kedro.io.core import AbstractVersionedDataset

from stillroom.resources import Moved, rows


def volume(dataset: Any, data: Any) -> Moved:
    """Rows of what was loaded or saved, and bytes of the file, folder or pattern that it lies in.

    No bytes are known of a dataset without a `filepath`, such as those in memory and in BentoML's store.
    """
    dataset = getattr(dataset, "_dataset", dataset)  # what Kedro's CachedDataset wraps
    storage = getattr(dataset, "_fs", None)
    if storage is None or not isinstance(dataset, AbstractVersionedDataset):
        return Moved(rows(data), None)
    path = dataset._get_load_path().as_posix()
    named = [path] if storage.exists(path) else storage.glob(path)
    files = [file for name in named for file in storage.find(name)]
    local = isinstance(storage, LocalFileSystem)
    parquet = [file for file in files if local and file.endswith(".parquet")]
    return Moved(rows(data, parquet), sum(map(storage.size, files)) if files else None)
