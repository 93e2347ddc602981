from dataclasses import dataclass
from pathlib import Path

import pytest

from stillroom.integrity.keys import make_keys


@dataclass(frozen=True)
class Pair:
    """The files of a key pair."""

    private: Path
    public: Path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(*make_keys(tmp_path_factory.mktemp("keys") / "ours"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(*make_keys(tmp_path_factory.mktemp("keys") / "others"))
