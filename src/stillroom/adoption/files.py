"""Several files written as one: all of them, or none."""

import os
from collections.abc import Callable
from pathlib import Path


def write_together(files: dict[Path, Callable[[Path], object]]) -> None:
    """Write each file to a temporary name beside its own, then rename them in the order given.

    Where one cannot be written or renamed, what stood there before stands there again.
    """
    staged = {path: path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in files}
    kept = {path: path.with_name(f".{path.name}.{os.getpid()}.old") for path in files}
    placed: list[Path] = []
    try:
        for path, write in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write(staged[path])
        for path in files:
            if path.exists():
                os.link(path, kept[path])
            staged[path].replace(path)
            placed.append(path)
    except BaseException:
        for path in placed:
            kept[path].replace(path) if kept[path].exists() else path.unlink()
        raise
    finally:
        for path in (*staged.values(), *kept.values()):
            path.unlink(missing_ok=True)
