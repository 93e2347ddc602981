"""Tables of pictures: a folder of picture files, or a Parquet table that names them."""

from pathlib import PurePosixPath
from typing import Any

import polars as pl
from kedro.io import DatasetError
from kedro_datasets._typing import TablePreview

from stillroom.datasets.files import FileDataset, UnreadableError
from stillroom.datasets.parquet import ParquetDataset

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")


class PictureFolderDataset(FileDataset[None, pl.LazyFrame]):
    """A folder with one sub-folder a class, of picture files; it can only be loaded.

    Loads `path` (relative to the folder; text), `picture` (the file's bytes) and `target` (the sub-folder's name), by
    path. Raises UnreadableError where there is no such folder or no picture in it.
    """

    def read(self, path: str) -> pl.LazyFrame:
        found = sorted(f for f in self._fs.find(path) if PurePosixPath(f).suffix.lower() in SUFFIXES)
        relative = [PurePosixPath(f).relative_to(self._root(path)) for f in found]
        inside = [(f, r) for f, r in zip(found, relative, strict=True) if len(r.parts) > 1]
        if not inside:
            raise UnreadableError(f"{path} holds no pictures in sub-folders named by class ({', '.join(SUFFIXES)})")
        contents = self._fs.cat([f for f, _ in inside])
        return pl.DataFrame(
            {
                "path": [str(r) for _, r in inside],
                "picture": [contents[f] for f, _ in inside],
                "target": [r.parts[0] for _, r in inside],
            }
        ).lazy()

    def write(self, path: str, data: None) -> None:
        raise DatasetError(f"{path} is a folder of pictures that is only read")

    def preview(self, nrows: int = 8) -> TablePreview:
        """The first files, for Kedro-Viz."""
        rows = self.load().select("path", "target").head(nrows).collect()
        return TablePreview({"index": list(range(rows.height)), "columns": rows.columns, "data": list(rows.rows())})

    def _root(self, path: str) -> str:
        return str(self._fs._strip_protocol(path))


class PictureTableDataset(ParquetDataset):
    """A Parquet table with a column of paths to picture files, loaded with the files' bytes in their place.

    Args:
        column: the column of paths (text; null is a missing picture), or several such columns.
        folder: what relative paths are relative to; else the table's own folder.

    Raises UnreadableError naming the first file that is not there.
    """

    def __init__(self, *, column: str | list[str], folder: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self._columns = [column] if isinstance(column, str) else column
        self._folder = folder

    def read(self, path: str) -> pl.LazyFrame:
        frame = super().read(path)
        absent = [c for c in self._columns if c not in frame.collect_schema()]
        if absent:
            raise UnreadableError(f"{path} has no column {', '.join(absent)}, which should hold the pictures' paths")
        folder = PurePosixPath(self._folder or PurePosixPath(path).parent)
        read = [pl.col(c).map_batches(lambda paths: self._contents(folder, paths), pl.Binary) for c in self._columns]
        return frame.with_columns(read)

    def _contents(self, folder: PurePosixPath, paths: pl.Series) -> pl.Series:
        return pl.Series(paths.name, [None if p is None else self._file(str(folder / p)) for p in paths], pl.Binary)

    def _file(self, path: str) -> bytes:
        try:
            return bytes(self._fs.cat_file(path))
        except OSError as error:
            raise UnreadableError(f"{path}, a picture that {self._filepath} names, cannot be read") from error
