import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

from stillroom.table.encoding import Encoded
from stillroom.training.data import TableData, loader


def numbered(rows: int) -> Encoded:
    """Rows that know their own number."""
    number = np.arange(rows)
    return Encoded(
        numeric=number[:, None].astype(np.float32), categorical=number[:, None], target=number.astype(np.float32)
    )


@pytest.mark.parametrize("rows", [1, 10, 64, 65])
def test_an_epoch_has_every_row_once_in_batches_of_the_declared_size(rows: int) -> None:
    batches = list(loader(numbered(rows), 16, shuffle=True))
    seen = torch.cat([batch.target for batch in batches])
    assert sorted(seen.tolist()) == list(range(rows))
    assert [len(batch.target) for batch in batches[:-1]] == [16] * (len(batches) - 1)


def test_shuffling_changes_the_order_and_keeps_rows_whole() -> None:
    torch.manual_seed(0)
    batch = next(iter(loader(numbered(200), 200, shuffle=True)))
    assert batch.target.tolist() != list(range(200))
    assert torch.equal(batch.inputs["numeric"][:, 0], batch.target)
    assert torch.equal(batch.inputs["categorical"][:, 0].float(), batch.target)


def test_two_ranks_share_the_rows_without_overlap() -> None:
    data = TableData(numbered(100))
    shares = []
    for rank in range(2):
        sampler = DistributedSampler(data, num_replicas=2, rank=rank, shuffle=True, seed=3)
        batches = DataLoader(data, 16, sampler=sampler, collate_fn=loader(numbered(1), 1, False).collate_fn)
        shares.append({int(row) for batch in batches for row in batch.target})
    assert shares[0].isdisjoint(shares[1])
    assert shares[0] | shares[1] == set(range(100))


def test_one_row_is_a_batch_of_one() -> None:
    assert TableData(numbered(5))[3].target.tolist() == [3.0]
