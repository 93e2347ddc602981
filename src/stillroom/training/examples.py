"""What a network learns from or is validated on: a query, and the batches made of what it gives."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import polars as pl
from torch.utils.data import DataLoader

from stillroom.table.encoding import Encoded, Encoding, encodable, stacked
from stillroom.training.data import Batch, loader
from stillroom.training.soft import soft_columns, taught
from stillroom.training.stream import Stream, write_chunks


@dataclass(frozen=True)
class Examples:
    """Rows as `encodable` gives them, lazy; with soft labels of a ``temperature`` where they have such columns.

    They are held in memory, or streamed from ``folder`` where there is one.
    """

    query: pl.LazyFrame
    encoding: Encoding
    temperature: float = 1.0
    folder: Path | None = None

    @classmethod
    def of(cls, frames: Sequence[pl.LazyFrame], encoding: Encoding, temperature: float | None = None) -> Self:
        """The rows of all frames; with their soft labels where a temperature is given."""
        names = () if temperature is None else soft_columns(frames[0])
        return cls(pl.concat([encodable(frame, encoding, names) for frame in frames]), encoding, temperature or 1.0)

    def rows(self) -> int:
        """How many there are."""
        return int(self.query.select(pl.len()).collect().item())

    def streamed(self, folder: Path, *, write: bool) -> Self:
        """The same rows streamed from a folder, which is written first unless another process does that."""
        if write:
            write_chunks(self.query, folder)
        return replace(self, folder=folder)

    def remove(self) -> None:
        """Remove the files that they are streamed from."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def arrays(self, rows: pl.DataFrame) -> Encoded:
        """Rows of the query as the arrays that networks take. Raises InputError for a regression's temperature."""
        names = soft_columns(rows.lazy())
        encoded = stacked(rows, self.encoding, names)
        return taught(encoded, names, self.encoding, self.temperature) if names else encoded

    def loader(
        self, batch_size: int, buffer: int | None, seed: int | None, rank: int, ranks: int
    ) -> DataLoader[Batch] | Stream:
        """Batches for one rank; shuffled where there is a seed."""
        if self.folder is None or buffer is None:
            return loader(self.arrays(self.query.collect()), batch_size, shuffle=seed is not None)
        return Stream(self.folder, self.arrays, batch_size, buffer, seed, rank, ranks)
