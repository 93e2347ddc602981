"""whylogs profiles: one, or one a day."""

from datetime import date
from pathlib import Path

from whylogs.core import DatasetProfileView

from stillroom.datasets.files import FileDataset
from stillroom.profiles import from_bytes, to_bytes


class ProfileDataset(FileDataset[DatasetProfileView, DatasetProfileView]):
    """One whylogs profile in its own binary form, which any whylogs tool reads."""

    def read(self, path: str) -> DatasetProfileView:
        with self._fs.open(path, "rb") as file:
            return from_bytes(file.read())

    def write(self, path: str, data: DatasetProfileView) -> None:
        with self._fs.open(path, "wb") as file:
            file.write(to_bytes(data))


class DailyProfilesDataset(FileDataset[dict[date, DatasetProfileView], dict[date, DatasetProfileView]]):
    """whylogs profiles by day, a file each (`2013-12-01.bin`), in a folder that is replaced as a whole."""

    def read(self, path: str) -> dict[date, DatasetProfileView]:
        days = {}
        for file in sorted(self._fs.glob(f"{path}/*.bin")):
            with self._fs.open(file, "rb") as stream:
                days[date.fromisoformat(Path(file).stem)] = from_bytes(stream.read())
        return days

    def write(self, path: str, data: dict[date, DatasetProfileView]) -> None:
        self._fs.makedirs(path, exist_ok=True)
        for day, view in data.items():
            with self._fs.open(f"{path}/{day}.bin", "wb") as stream:
                stream.write(to_bytes(view))
