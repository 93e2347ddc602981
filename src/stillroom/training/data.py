"""Batches sliced from tensors: no row is ever collated by itself."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from stillroom.table.encoding import Encoded


class Batch(NamedTuple):
    """The kinds' arrays by name; target [N] or, as class probabilities, [N, K]."""

    inputs: dict[str, Tensor]
    target: Tensor


class TableData(Dataset[Batch]):
    """Encoded rows in memory, fetched a batch at a time through ``__getitems__``.

    A sampler sees single rows, so Lightning's DistributedSampler shards them; a batch sampler given as the
    sampler would silently hand some rows to both ranks and others to none.
    """

    def __init__(self, encoded: Encoded):
        self.rows = Batch({kind: _tensor(array) for kind, array in encoded.inputs.items()}, _tensor(encoded["target"]))

    def __len__(self) -> int:
        return len(self.rows.target)

    def __getitem__(self, index: int) -> Batch:
        return self.__getitems__([index])

    def __getitems__(self, indices: list[int]) -> Batch:
        chosen = torch.tensor(indices)
        return Batch({kind: rows[chosen] for kind, rows in self.rows.inputs.items()}, self.rows.target[chosen])


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.require(array, requirements="W"))


def loader(encoded: Encoded, batch_size: int, shuffle: bool) -> DataLoader[Batch]:
    """A loader of ready batches."""
    return DataLoader(TableData(encoded), batch_size, shuffle=shuffle, collate_fn=_as_it_is)


def _as_it_is(batch: Any) -> Any:
    return batch
