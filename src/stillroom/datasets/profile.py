"""whylogs profiles: one, or one a day."""

from datetime import date

from whylogs.core import DatasetProfileView

from stillroom.datasets.files import FileDataset
from stillroom.datasets.folder import FolderDataset
from stillroom.profiles import from_bytes, to_bytes


class ProfileDataset(FileDataset[DatasetProfileView, DatasetProfileView]):
    """One whylogs profile in its own binary form, which any whylogs tool reads."""

    def read(self, path: str) -> DatasetProfileView:
        return from_bytes(self._fs.cat_file(path))

    def write(self, path: str, data: DatasetProfileView) -> None:
        self._fs.pipe_file(path, to_bytes(data))


class DailyProfilesDataset(FolderDataset[date, DatasetProfileView]):
    """whylogs profiles by day, a file each (`2013-12-01.bin`), in a folder that is replaced as a whole."""

    SUFFIX = ".bin"

    def key(self, name: str) -> date:
        return date.fromisoformat(name)

    def decode(self, content: bytes) -> DatasetProfileView:
        return from_bytes(content)

    def encode(self, item: DatasetProfileView) -> bytes:
        return to_bytes(item)
