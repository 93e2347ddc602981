"""Parquet through Polars: scanned lazily, sunk lazily, so that a table need not fit in memory."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import polars as pl
from kedro.io import DatasetError
from kedro_datasets._typing import TablePreview

from stillroom.datasets.files import FileDataset, UnreadableError


class ParquetDataset(FileDataset[pl.LazyFrame, pl.LazyFrame]):
    """A Parquet file as a `polars.LazyFrame`; saving a lazy query runs it, streaming, into the file.

    A folder of part files that Spark wrote is read too, in the order of their names, once it is whole.
    A dict of lazy queries is saved as one table, its blocks one after another: one at a time is in memory.
    Lazy and streaming on a local disk; elsewhere the file passes through fsspec (and its credentials) as a whole,
    written by way of a local temporary file, so that a query that fails leaves the old table there too.
    Raises UnreadableError with one sentence when the file or the folder is not whole.
    """

    def read(self, path: str) -> pl.LazyFrame:
        if not self._fs.isdir(path):
            return self._scan(path)
        if not self._fs.exists(f"{path}/_SUCCESS"):
            raise UnreadableError(
                f"{path} is a folder that Spark has not written whole (it holds no _SUCCESS): run the pipeline that "
                "makes it anew"
            )
        return self._scan_files(self._fs.glob(f"{path}/*.parquet"))

    def _scan(self, path: str) -> pl.LazyFrame:
        frame = pl.scan_parquet(path if self._local else self._fs.cat_file(path))
        try:
            frame.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise UnreadableError(f"{path} is not a whole Parquet file ({reason}): write or copy it anew") from error
        return frame

    def _scan_files(self, names: list[str]) -> pl.LazyFrame:
        files = {name: self._scan(name) for name in sorted(names)}
        first = next(iter(files))
        columns = files[first].collect_schema()
        for name, file in files.items():
            if file.collect_schema() != columns:
                differing = sorted({column for column, _ in set(columns.items()) ^ set(file.collect_schema().items())})
                raise UnreadableError(
                    f"{name} and {first} have other columns, or the same in another order or type "
                    f"({', '.join(differing) or 'the order'}): write one of them anew"
                )
        return pl.concat(files.values())

    def write(self, path: str, data: pl.LazyFrame | pl.DataFrame | dict[str, pl.LazyFrame]) -> None:
        if isinstance(data, dict):
            self._write_blocks(path, data)
        elif self._local:
            _sink(path, data.lazy())
        else:
            with TemporaryDirectory(prefix=".table.") as folder:
                _sink(f"{folder}/table.parquet", data.lazy())
                self._fs.put_file(f"{folder}/table.parquet", path)

    def _write_blocks(self, path: str, blocks: dict[str, pl.LazyFrame]) -> None:
        """Run one query after another, each into a file of its own, and put the files together."""
        with TemporaryDirectory(prefix=".blocks.", dir=Path(path).parent if self._local else None) as folder:
            for name, block in blocks.items():
                block.sink_parquet(f"{folder}/{name}.parquet", compression="lz4")
            self.write(path, pl.concat([pl.scan_parquet(f"{folder}/{name}.parquet") for name in blocks]))

    def preview(self, nrows: int = 8) -> TablePreview:
        """The first rows, for Kedro-Viz."""
        rows = self.load().head(nrows).collect()
        data = [[str(value) if value is not None else "" for value in row] for row in rows.rows()]
        return TablePreview({"index": list(range(rows.height)), "columns": rows.columns, "data": data})


def _sink(path: str, query: pl.LazyFrame) -> None:
    # Into an open file: Polars' threads outlive a query that failed, and would make a file of that name anew.
    with open(path, "wb") as file:
        query.sink_parquet(file)


class ParquetFilesDataset(ParquetDataset):
    """One table in any number of Parquet files: a file, a folder of them, or a pattern; it can only be loaded.

    The files follow one another in the order of their names. Raises UnreadableError with one sentence where there are
    none, where one is not whole Parquet, or where its columns differ from the first one's.
    """

    def load(self) -> pl.LazyFrame:
        """Load the table; of the files only the footers are read."""
        path = self._get_load_path().as_posix()
        names = self._fs.glob(f"{path}/*.parquet" if self._fs.isdir(path) else path)
        if not names:
            raise UnreadableError(f"{path}: there is no such Parquet file: put it there, or name another")
        return self._scan_files(names)

    def save(self, data: pl.LazyFrame | pl.DataFrame) -> NoReturn:
        """Refused: which of the files would it be?"""
        raise DatasetError(f"{self._filepath} is only read from: save to a ParquetDataset")
