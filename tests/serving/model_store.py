"""A BentoML model store of its own for the tests of versions, filled as a release fills it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.models import ModelStore

from serving import onnx_models
from stillroom.datasets.bento import Release, save_model
from stillroom.integrity.settings import SigningConfig
from stillroom.serving.model import Model
from stillroom.serving.parity import record

NAME = "stillroom_flights"
ROWS = [{"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"}, {"hour": 9}]


@contextmanager
def model_store(home: Path) -> Iterator[Path]:
    """BENTOML_HOME in this process; yields the folder of the versions of NAME."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENTOML_HOME", str(home))
        BentoMLContainer.model_store.set(ModelStore(home / "models"))
        try:
            yield home / "models" / NAME
        finally:
            BentoMLContainer.model_store.reset()


def released(seed: int, signing: SigningConfig | None = None) -> str:
    """Save the binary model with weights of this seed, and its sample; returns the version's number."""
    onnx = onnx_models.binary(seed)
    release = Release(onnx, parity=record(Model(onnx), ROWS))
    return save_model(NAME, release, signing or SigningConfig()).partition(":")[2]


def flip(file: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
