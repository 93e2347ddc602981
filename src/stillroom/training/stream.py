"""Batches streamed from Parquet files: every row once an epoch, shuffled in a buffer, each rank its own share."""

import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import torch

from stillroom.table.encoding import Encoded
from stillroom.training.data import Batch, batch_of

CHUNK = 16_384
"""Rows that lie together in a file and are read together, a row group: 4 MB of the flights."""

FILE = 64 * CHUNK
"""Rows of one file."""


def write_chunks(rows: pl.LazyFrame, folder: Path) -> None:
    """Run a query into files that can be streamed; they are scratch, read many times, and so left uncompressed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    count = rows.select(pl.len()).collect(engine="streaming").item()
    # One file's rows at a time: what Polars has in flight of a whole query grows with the query.
    for first in range(0, max(count, 1), FILE):
        rows.slice(first, FILE).sink_parquet(
            folder / f"{first // FILE:06}.parquet", row_group_size=CHUNK, compression="uncompressed", statistics=False
        )


class Stream:
    """The rows of a folder of `write_chunks` as batches, for one rank of several; in memory is one buffer of rows.

    An epoch goes through the files' chunks in an order drawn from seed and epoch, the same for all ranks. They divide
    that sequence among them, so that every row is seen once, and shuffle what they read a buffer at a time. All have
    the same number of batches, which DDP waits for, and batches differ by one row at most. Without a seed, rows come
    in their order. ``arrays`` makes arrays of the rows read.
    """

    def __init__(
        self,
        folder: Path,
        arrays: Callable[[pl.DataFrame], Encoded],
        batch_size: int,
        buffer: int,
        seed: int | None,
        rank: int = 0,
        ranks: int = 1,
    ):
        self.scan, self.arrays, self.seed, self.rank, self.epoch = pl.scan_parquet(folder), arrays, seed, rank, 0
        self.rows = int(self.scan.select(pl.len()).collect().item())
        self.first, self.end = self.rows * rank // ranks, self.rows * (rank + 1) // ranks
        self.batches = max(math.ceil(math.ceil(self.rows / ranks) / batch_size), 1)
        self.together = max(buffer // batch_size, 1)  # batches of one buffer
        if seed is not None:
            self.sampler = self  # Lightning tells the epoch to a loader's sampler

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[Batch]:
        chunks = self._chunks()
        for first in range(0, self.batches, self.together):
            # Not by a thread that reads ahead: on a CPU it takes the cores on which the network waits for itself.
            buffer, start = self._buffer(chunks, first), self._start(first)
            for batch in range(first, min(first + self.together, self.batches)):
                yield buffer.take(slice(self._start(batch) - start, self._start(batch + 1) - start))

    def _start(self, batch: int) -> int:
        """Where in the epoch's sequence a batch begins."""
        return self.first + (self.end - self.first) * batch // self.batches

    def _chunks(self) -> np.ndarray:
        """The chunks' first rows, in the epoch's order."""
        starts = np.arange(0, self.rows, CHUNK)
        return starts if self.seed is None else np.random.default_rng([self.seed, self.epoch]).permutation(starts)

    def _buffer(self, chunks: np.ndarray, first: int) -> Batch:
        """The rows of the batches from the first one on that lie in one buffer, shuffled."""
        start, stop = self._start(first), self._start(min(first + self.together, self.batches))
        pieces = [self.scan.slice(offset, rows) for offset, rows in _pieces(chunks, self.rows, start, stop)]
        batch = batch_of(self.arrays(pl.concat(pieces).collect()))
        if self.seed is None:
            return batch
        draw = np.random.default_rng([self.seed, self.epoch, self.rank, first])
        return batch.take(torch.from_numpy(draw.permutation(stop - start)))


def _pieces(chunks: np.ndarray, rows: int, start: int, stop: int) -> list[tuple[int, int]]:
    """Offset in the files and length of what makes up a stretch of the sequence of chunks."""
    ends = np.cumsum(np.minimum(chunks + CHUNK, rows) - chunks)
    begins = np.concatenate([[0], ends[:-1]])
    touched = np.flatnonzero((ends > start) & (begins < stop))
    low, high = np.maximum(begins[touched], start), np.minimum(ends[touched], stop)
    return list(zip((chunks[touched] + low - begins[touched]).tolist(), (high - low).tolist(), strict=True))
