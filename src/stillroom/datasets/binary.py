"""Files that are kept as the bytes they are."""

from stillroom.datasets.files import FileDataset


class BytesDataset(FileDataset[bytes, bytes]):
    """A file's bytes."""

    def read(self, path: str) -> bytes:
        return bytes(self._fs.cat_file(path))

    def write(self, path: str, data: bytes) -> None:
        self._fs.pipe_file(path, data)
