"""Layers shared by the networks: standardising, piecewise-linear encoding, categorical embedding."""

import torch
from torch import Tensor, nn


class Standardise(nn.Module):
    """Raw numbers in, network inputs out: clip, standardise, 0 where missing, then the missing-value flags.

    **Shape**: float32 [N, F] with NaN = missing -> float32 [N, F + number of flagged columns].
    """

    mean: Tensor
    factor: Tensor
    low: Tensor
    high: Tensor
    zero: Tensor
    flagged: Tensor

    def __init__(self, mean: list[float], scale: list[float], low: list[float], high: list[float], flag: list[bool]):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("factor", 1 / torch.tensor(scale))
        self.register_buffer("low", torch.tensor(low))
        self.register_buffer("high", torch.tensor(high))
        self.register_buffer("zero", torch.zeros(()))
        self.register_buffer("flagged", torch.tensor([i for i, f in enumerate(flag) if f], dtype=torch.int64))

    def forward(self, numeric: Tensor) -> Tensor:
        """Standardise one batch."""
        missing = torch.isnan(numeric)
        clipped = torch.minimum(torch.maximum(numeric, self.low), self.high)
        scaled = torch.where(missing, self.zero, (clipped - self.mean) * self.factor)
        if self.flagged.numel() == 0:
            return scaled
        return torch.cat([scaled, missing.index_select(1, self.flagged).to(scaled.dtype)], dim=1)


class PiecewiseLinear(nn.Module):
    """Piecewise-linear encoding of numbers by quantile bins (Gorishniy et al. 2022), behind the numbers themselves.

    **Shape**: [N, F] -> [N, F + B * M] for the first B = ``len(bins)`` columns and their largest number of bins M;
    each bin is the share of it that the value has filled, 0 to 1. A column with fewer bins has zeros in the others,
    so that the exported graph broadcasts, which is many times faster than a Gather along the columns.
    """

    left: Tensor
    factor: Tensor

    def __init__(self, bins: list[list[float]]):
        super().__init__()
        most = max((len(b) - 1 for b in bins), default=0)
        left, factor = torch.zeros(len(bins), most), torch.zeros(len(bins), most)
        for i, edges in enumerate(map(torch.tensor, bins)):
            left[i, : len(edges) - 1] = edges[:-1]
            factor[i, : len(edges) - 1] = 1 / torch.diff(edges)
        self.register_buffer("left", left)
        self.register_buffer("factor", factor)

    @property
    def extra(self) -> int:
        """How many columns the encoding adds."""
        return int(self.left.numel())

    def forward(self, numeric: Tensor) -> Tensor:
        """Encode one batch."""
        if self.extra == 0:
            return numeric
        binned = numeric[:, : len(self.left)].unsqueeze(2)
        filled = torch.clamp((binned - self.left) * self.factor, 0.0, 1.0)
        return torch.cat([numeric, filled.flatten(1)], dim=1)


class Embed(nn.Module):
    """All categorical columns through one embedding table, so that the exported graph has one Gather.

    **Shape**: int64 [N, C] -> float32 [N, C * dimension].
    """

    starts: Tensor

    def __init__(self, cardinalities: list[int], dimension: int):
        super().__init__()
        self.width = len(cardinalities) * dimension
        starts = torch.cumsum(torch.tensor([0, *cardinalities]), 0)
        self.register_buffer("starts", starts[:-1])
        self.table = nn.Embedding(int(starts[-1]), dimension)
        nn.init.normal_(self.table.weight, std=0.1)

    def forward(self, categorical: Tensor) -> Tensor:
        """Embed one batch of codes."""
        return self.table(categorical + self.starts).flatten(1)
