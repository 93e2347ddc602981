"""Parquet through Polars: scanned lazily, sunk lazily, so that a table need not fit in memory."""

import polars as pl
from kedro_datasets._typing import TablePreview

from stillroom.datasets.files import FileDataset, UnreadableError


class ParquetDataset(FileDataset[pl.LazyFrame, pl.LazyFrame]):
    """A Parquet file as a `polars.LazyFrame`; saving a lazy query runs it, streaming, into the file.

    Lazy and streaming on a local disk; elsewhere the file passes through fsspec (and its credentials) as a whole.
    Raises UnreadableError with one sentence when the file is not whole Parquet.
    """

    def read(self, path: str) -> pl.LazyFrame:
        frame = pl.scan_parquet(path if self._local else self._fs.cat_file(path))
        try:
            frame.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise UnreadableError(f"{path} is not a whole Parquet file ({reason}): write or copy it anew") from error
        return frame

    def write(self, path: str, data: pl.LazyFrame | pl.DataFrame) -> None:
        if self._local:
            data.lazy().sink_parquet(path)
        else:
            with self._fs.open(path, "wb") as file:
                data.lazy().sink_parquet(file)

    def preview(self, nrows: int = 8) -> TablePreview:
        """The first rows, for Kedro-Viz."""
        rows = self.load().head(nrows).collect()
        data = [[str(value) if value is not None else "" for value in row] for row in rows.rows()]
        return TablePreview({"index": list(range(rows.height)), "columns": rows.columns, "data": data})
