"""The model of a Bento in the store."""

from pathlib import Path

from bentoml._internal.bento.bento import BentoStore
from bentoml._internal.models import ModelStore

from stillroom.datasets.store import home
from stillroom.integrity.model import MODEL_FILE


def model_file(bento: str) -> Path:
    """Its ONNX file."""
    tag = BentoStore(home() / "bentos").get(bento).info.labels["model"]
    return Path(ModelStore(home() / "models").get(tag).path_of(MODEL_FILE))
