"""Trained teachers of every kind, never pickled code."""

import zipfile
from collections.abc import Sequence
from typing import Any

from stillroom.datasets.files import FileDataset
from stillroom.training.teachers.base import Teacher
from stillroom.training.teachers.kinds import files_of, restored


class TeacherDataset(FileDataset[Teacher, Teacher]):
    """A teacher's files in one zip: weights that `torch.load(weights_only=True)` reads, LightGBM's text, skops, ONNX.

    Args:
        trusted: types that a scikit-learn-style estimator may hold beside scikit-learn's and LightGBM's own, by their
            dotted path; anything else is refused when loaded.
    """

    def __init__(self, *, trusted: Sequence[str] = (), **kwargs: Any):
        super().__init__(**kwargs)
        self._trusted = trusted

    def read(self, path: str) -> Teacher:
        with self._fs.open(path, "rb") as file, zipfile.ZipFile(file) as kept:
            return restored({name: kept.read(name) for name in kept.namelist()}, self._trusted)

    def write(self, path: str, data: Teacher) -> None:
        with self._fs.open(path, "wb") as file, zipfile.ZipFile(file, "w") as kept:
            for name, content in files_of(data).items():
                kept.writestr(name, content)
