"""BentoML's stores on disk, into which things come whole or not at all.

BentoML copies into its stores file by file, so that a run killed while saving leaves a directory which BentoML takes
for a whole model. Here everything is made elsewhere in BENTOML_HOME and renamed into the store when it is whole.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def home() -> Path:
    """The folder that holds BentoML's stores."""
    return Path(os.environ.get("BENTOML_HOME", "~/bentoml")).expanduser().resolve()


@contextmanager
def staging() -> Iterator[Path]:
    """A directory on the stores' own disk; what a killed process leaves in it is in no store."""
    (home() / "tmp").mkdir(parents=True, exist_ok=True)
    (home() / "models").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stillroom-", dir=home() / "tmp") as directory:
        yield Path(directory)


def publish(made: Path, store: Path, tag: str) -> None:
    """Move what was made in a staging directory into a store, as its latest version."""
    name, _, version = tag.partition(":")
    (store / name).mkdir(parents=True, exist_ok=True)
    (made / name / version).rename(store / name / version)
    _point_latest(store / name, version)


def versions(directory: Path, proof: str) -> list[str]:
    """Versions that hold ``proof``, which BentoML writes with each; another program's half copy may lack it."""
    return [path.name for path in directory.glob("*") if (path / proof).is_file()]


def _point_latest(directory: Path, version: str) -> None:
    unfinished = directory / f".latest.{os.getpid()}"
    unfinished.write_text(version)
    unfinished.replace(directory / "latest")
