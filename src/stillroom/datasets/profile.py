"""whylogs profiles: one, one a day, or those that services write."""

from datetime import UTC, date
from typing import NoReturn

from kedro.io import DatasetError
from whylogs.core import DatasetProfileView

from stillroom.datasets.files import FileDataset, UnreadableError
from stillroom.datasets.folder import FolderDataset
from stillroom.profiles import from_bytes, merge, to_bytes


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


class ServiceProfilesDataset(FileDataset[NoReturn, dict[date, DatasetProfileView]]):
    """The profiles that services write, a file an interval and replica, merged by day (UTC); they can only be loaded.

    ``filepath`` is a pattern such as `/var/profiles/flights-*.bin`. Raises UnreadableError with one sentence where
    there is no such file, or one holds no whole profile.
    """

    def load(self) -> dict[date, DatasetProfileView]:
        """Load all profiles there are by now."""
        path = self._get_load_path().as_posix()
        self._fs.invalidate_cache()
        names = sorted(self._fs.glob(path))
        if not names:
            raise UnreadableError(f"{path}: no service has written a profile there yet: name another place, or wait")
        days: dict[date, DatasetProfileView] = {}
        for day, view in (item for name in names for item in self.read(name).items()):
            days[day] = merge([days[day], view]) if day in days else view
        return dict(sorted(days.items()))

    def read(self, path: str) -> dict[date, DatasetProfileView]:
        try:
            view = from_bytes(self._fs.cat_file(path))
        except ValueError as error:
            raise UnreadableError(f"{path} is {error}; move it away") from error
        return {view.dataset_timestamp.astimezone(UTC).date(): view}

    def write(self, path: str, data: NoReturn) -> NoReturn:
        """Refused: services write them."""
        raise DatasetError(f"{self._filepath} is only read from: save to a DailyProfilesDataset")

    def _exists(self) -> bool:
        return bool(self._fs.glob(self._get_load_path().as_posix()))
