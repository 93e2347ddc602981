"""A model store, and one Bento built in it, for the tests that serve."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from serving import onnx_models
from stillroom.datasets.bento import Release, build_bento, save_model

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Built:
    """A built Bento, the model in it, and the store that holds both."""

    bento: str
    model: str
    onnx: bytes
    home: Path


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    home = tmp_path_factory.mktemp("bentoml")
    onnx = onnx_models.binary()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "BENTOML_HOME", str(home))
        model = save_model("stillroom_flights", Release(onnx, {"metrics": {"roc_auc": 0.7}}, {"table": "flights"}))
        yield Built(build_bento(model, "stillroom_flights", PROJECT), model, onnx, home)
