"""Batches sliced from tensors: no row is ever collated by itself."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from stillroom.table.encoding import Encoded

SOFT = "soft"  # what an `Encoded` calls the teacher's answers


class Batch(NamedTuple):
    """The kinds' arrays by name; target [N] or, as class probabilities, [N, K]; the teacher's answer, of that shape."""

    inputs: dict[str, Tensor]
    target: Tensor
    soft: Tensor | None = None

    def take(self, rows: Tensor | slice) -> "Batch":
        """Some of its rows."""
        inputs = {kind: values[rows] for kind, values in self.inputs.items()}
        return Batch(inputs, self.target[rows], None if self.soft is None else self.soft[rows])


def batch_of(encoded: Encoded) -> Batch:
    """All rows as one batch, without a copy."""
    inputs = {kind: _tensor(array) for kind, array in encoded.inputs.items()}
    return Batch(inputs, _tensor(encoded["target"]), _tensor(encoded[SOFT]) if SOFT in encoded else None)


class TableData(Dataset[Batch]):
    """Encoded rows in memory, fetched a batch at a time through ``__getitems__``.

    A sampler sees single rows, so Lightning's DistributedSampler shards them; a batch sampler given as the
    sampler would silently hand some rows to both ranks and others to none.
    """

    def __init__(self, encoded: Encoded):
        self.rows = batch_of(encoded)

    def __len__(self) -> int:
        return len(self.rows.target)

    def __getitem__(self, index: int) -> Batch:
        return self.__getitems__([index])

    def __getitems__(self, indices: list[int]) -> Batch:
        return self.rows.take(torch.tensor(indices))


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.require(array, requirements="W"))


def loader(encoded: Encoded, batch_size: int, shuffle: bool) -> DataLoader[Batch]:
    """A loader of ready batches."""
    return DataLoader(TableData(encoded), batch_size, shuffle=shuffle, collate_fn=_as_it_is)


def _as_it_is(batch: Any) -> Any:
    return batch
