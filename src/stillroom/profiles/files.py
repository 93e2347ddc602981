"""Merge, count, write and read profiles: one whylogs binary file a profile."""

import os
from collections.abc import Iterable
from functools import reduce
from pathlib import Path

from whylogs.core import DatasetProfile, DatasetProfileView


def merge(views: Iterable[DatasetProfileView]) -> DatasetProfileView:
    """One profile of all the rows; its timestamp is the earliest. Raises ValueError when there is none to merge."""
    views = list(views)
    if not views:
        raise ValueError("no profiles to merge; give at least one")
    return reduce(DatasetProfileView.merge, views)


def rows(view: DatasetProfileView) -> int:
    """How many rows were folded into the profile."""
    columns = view.get_columns().values()
    return max((column.get_metric("counts").n.value for column in columns), default=0)


def to_bytes(profile: DatasetProfile | DatasetProfileView) -> bytes:
    """The profile in whylogs' binary format: a snapshot, which later folding does not change."""
    view = profile.view() if isinstance(profile, DatasetProfile) else profile
    return view.serialize()


def from_bytes(data: bytes) -> DatasetProfileView:
    """Read whylogs' binary format; raises ValueError when the bytes are no whole profile."""
    try:
        return DatasetProfileView.deserialize(data)
    except Exception as error:  # whylogs raises five kinds, protobuf's and bare OSError among them
        raise ValueError(f"not a whole whylogs profile ({len(data)} bytes): {error}") from error


def write(profile: DatasetProfile | DatasetProfileView, path: Path) -> None:
    """Write the profile's file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    unfinished.write_bytes(to_bytes(profile))
    unfinished.replace(path)


def read(path: Path) -> DatasetProfileView:
    """Read a profile's file; raises ValueError naming the file when it holds no whole profile."""
    try:
        return from_bytes(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
