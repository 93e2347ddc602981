"""The base of datasets that keep several items by name in one folder, replaced as a whole."""

import json
from abc import abstractmethod
from typing import Generic, TypeVar

from stillroom.datasets.files import FileDataset, UnreadableError
from stillroom.integrity.digests import IntegrityError, check, sha256

INDEX = "index.json"

Key = TypeVar("Key")
Item = TypeVar("Item")


class FolderDataset(FileDataset[dict[Key, Item], dict[Key, Item]], Generic[Key, Item]):
    """Items by name, one file each; a subclass says how a name is spelled and an item becomes bytes.

    `index.json` holds each name and the SHA-256 of its file, and is written last: an object store knows no renaming
    of folders, and without the list nobody could tell a part of a folder from the whole.
    """

    SUFFIX: str

    @abstractmethod
    def key(self, name: str) -> Key:
        """The key that a file's name, without its suffix, stands for; `str(key)` is the name."""

    @abstractmethod
    def decode(self, content: bytes) -> Item:
        """One item from its file's bytes."""

    @abstractmethod
    def encode(self, item: Item) -> bytes:
        """One item as its file's bytes."""

    def read(self, path: str) -> dict[Key, Item]:
        if not self._fs.exists(f"{path}/{INDEX}"):
            raise UnreadableError(f"{path} is not whole, it has no {INDEX}: run the pipeline that makes it again")
        digests = json.loads(self._fs.cat_file(f"{path}/{INDEX}"))
        files = {name: f"{path}/{name}{self.SUFFIX}" for name in digests}
        try:
            intact = {name: check(self._fs.cat_file(file), digests[name], file) for name, file in files.items()}
        except IntegrityError as error:
            raise UnreadableError(f"{error}; run the pipeline that makes it again") from error
        return {self.key(name): self.decode(content) for name, content in intact.items()}

    def write(self, path: str, data: dict[Key, Item]) -> None:
        if self._fs.exists(f"{path}/{INDEX}"):
            self._fs.rm_file(f"{path}/{INDEX}")
        if self._fs.exists(path):
            self._fs.rm(path, recursive=True)
        self._fs.makedirs(path, exist_ok=True)
        digests = {}
        for key, item in data.items():
            content = self.encode(item)
            digests[str(key)] = sha256(content)
            self._fs.pipe_file(f"{path}/{key}{self.SUFFIX}", content)
        self._fs.pipe_file(f"{path}/{INDEX}", json.dumps(digests).encode())
