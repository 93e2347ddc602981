"""Trained networks: weights and declaration, never pickled code."""

import torch

from stillroom.datasets.files import FileDataset
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.settings import ModelConfig


class CheckpointDataset(FileDataset[Checkpoint, Checkpoint]):
    """A `stillroom.training.checkpoint.Checkpoint` in one file that `torch.load(weights_only=True)` reads."""

    def read(self, path: str) -> Checkpoint:
        with self._fs.open(path, "rb") as file:
            kept = torch.load(file, weights_only=True)
        return Checkpoint(ModelConfig.model_validate(kept["model"]), kept["state"], kept["history"])

    def write(self, path: str, data: Checkpoint) -> None:
        kept = {"model": data.model.model_dump(by_alias=True), "state": data.state, "history": data.history}
        with self._fs.open(path, "wb") as file:
            torch.save(kept, file)
