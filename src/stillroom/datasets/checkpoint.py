"""Trained networks: weights and declaration, never pickled code."""

from stillroom.datasets.files import FileDataset
from stillroom.training.checkpoint import FILE, Checkpoint


class CheckpointDataset(FileDataset[Checkpoint, Checkpoint]):
    """A `stillroom.training.checkpoint.Checkpoint` in one file that `torch.load(weights_only=True)` reads."""

    def read(self, path: str) -> Checkpoint:
        return Checkpoint.restored({FILE: self._fs.cat_file(path)})

    def write(self, path: str, data: Checkpoint) -> None:
        self._fs.pipe_file(path, data.files()[FILE])
