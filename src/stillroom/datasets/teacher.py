"""Trained teachers of every kind, and the student: never pickled code."""

import zipfile
from collections.abc import Sequence
from typing import Any

from stillroom.datasets.files import FileDataset, UnreadableError
from stillroom.integrity.digests import IntegrityError, check, sha256
from stillroom.training.teachers.base import Teacher
from stillroom.training.teachers.kinds import files_of, restored

SUMS = "SHA256SUMS"


class TeacherDataset(FileDataset[Teacher, Teacher]):
    """A teacher's files in one zip: weights that `torch.load(weights_only=True)` reads, LightGBM's text, skops, ONNX.

    Beside them lie their SHA-256 in `SHA256SUMS`, as `sha256sum` writes it, against which they are held when loaded.

    Args:
        trusted: types that a scikit-learn-style estimator may hold beside scikit-learn's and LightGBM's own, by their
            dotted path; anything else is refused when loaded.
    """

    def __init__(self, *, trusted: Sequence[str] = (), **kwargs: Any):
        super().__init__(**kwargs)
        self._trusted = trusted

    def read(self, path: str) -> Teacher:
        with self._fs.open(path, "rb") as file, zipfile.ZipFile(file) as kept:
            sums = [line.split(maxsplit=1) for line in kept.read(SUMS).decode().splitlines()]
            try:
                files = {name: check(kept.read(name), digest, f"{path}/{name}") for digest, name in sums}
            except (IntegrityError, zipfile.BadZipFile) as error:
                raise UnreadableError(f"{path} was changed: {error}; run the pipeline that makes it again") from error
        return restored(files, self._trusted)

    def write(self, path: str, data: Teacher) -> None:
        files = files_of(data)
        sums = "".join(f"{sha256(content)}  {name}\n" for name, content in files.items())
        with self._fs.open(path, "wb") as file, zipfile.ZipFile(file, "w") as kept:
            for name, content in {**files, SUMS: sums.encode()}.items():
                kept.writestr(name, content)
