"""JSON lines, such as a service keeps of its answers, read as a table."""

from typing import NoReturn

import polars as pl
from kedro.io import DatasetError

from stillroom.datasets.files import FileDataset, UnreadableError


class JsonLinesFilesDataset(FileDataset[pl.LazyFrame, pl.LazyFrame]):
    """One table in any number of files of JSON lines, in the order of their names: a pattern; it can only be loaded.

    Columns that hold dates as text are dates. Raises UnreadableError with one sentence where there is no such file,
    or one is not JSON lines.
    """

    def load(self) -> pl.LazyFrame:
        """Load the table."""
        path = self._get_load_path().as_posix()
        names = sorted(self._fs.glob(path))
        if not names:
            raise UnreadableError(f"{path}: there is no such file of JSON lines: put it there, or name another")
        return pl.concat([self.read(name) for name in names], how="diagonal_relaxed")

    def read(self, path: str) -> pl.LazyFrame:
        try:
            frame = pl.read_ndjson(self._fs.cat_file(path), infer_schema_length=None)
        except pl.exceptions.PolarsError as error:
            raise UnreadableError(f"{path} is not whole JSON lines ({str(error).splitlines()[0]})") from error
        dates = [c for c in frame.columns if frame[c].dtype == pl.String and _is_dates(frame[c])]
        return frame.with_columns(pl.col(dates).str.to_date("%Y-%m-%d")).lazy()

    def write(self, path: str, data: pl.LazyFrame) -> NoReturn:
        """Refused: which of the files would it be?"""
        raise DatasetError(f"{self._filepath} is only read from: save to a ParquetDataset")

    def _exists(self) -> bool:
        return bool(self._fs.glob(self._get_load_path().as_posix()))


def _is_dates(values: pl.Series) -> bool:
    return bool(values.str.contains(r"^\d{4}-\d{2}-\d{2}$").all())
