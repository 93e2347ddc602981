"""Parquet through Polars: scanned lazily, sunk lazily, so that a table need not fit in memory."""

import polars as pl
from kedro.io.core import DatasetError
from kedro_datasets._typing import TablePreview

from stillroom.datasets.files import FileDataset


class ParquetDataset(FileDataset[pl.LazyFrame, pl.LazyFrame]):
    """A Parquet file as a `polars.LazyFrame`; saving a lazy query runs it, streaming, into the file.

    Raises DatasetError with one sentence when the file is not whole Parquet.
    """

    def read(self, path: str) -> pl.LazyFrame:
        frame = pl.scan_parquet(self._url(path), storage_options=self._storage_options or None)
        try:
            frame.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise DatasetError(f"{path} is not a whole Parquet file ({reason}): write or copy it anew") from error
        return frame

    def write(self, path: str, data: pl.LazyFrame | pl.DataFrame) -> None:
        data.lazy().sink_parquet(self._url(path), storage_options=self._storage_options or None, mkdir=True)

    def _url(self, path: str) -> str:
        return path if self._protocol == "file" else f"{self._protocol}://{path}"

    def preview(self, nrows: int = 8) -> TablePreview:
        """The first rows, for Kedro-Viz."""
        rows = self.load().head(nrows).collect()
        data = [[str(value) if value is not None else "" for value in row] for row in rows.rows()]
        return TablePreview({"index": list(range(rows.height)), "columns": rows.columns, "data": data})
