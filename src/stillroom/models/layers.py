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
    """Piecewise-linear encoding of numbers by quantile bins (Gorishniy et al. 2022), the rest passed through.

    **Shape**: [N, F] -> [N, F + sum of bins]; each bin is the share of it that the value has filled, 0 to 1.
    """

    column: Tensor
    left: Tensor
    factor: Tensor

    def __init__(self, bins: list[list[float]]):
        super().__init__()
        edges = [torch.tensor(b) for b in bins]
        column = [torch.full((len(b) - 1,), i) for i, b in enumerate(bins)]
        width = [torch.diff(b) for b in edges]
        self.register_buffer("column", torch.cat(column) if column else torch.zeros(0, dtype=torch.int64))
        self.register_buffer("factor", torch.cat([1 / w for w in width]) if width else torch.zeros(0))
        self.register_buffer("left", torch.cat([b[:-1] for b in edges]) if edges else torch.zeros(0))

    @property
    def extra(self) -> int:
        """How many columns the encoding adds."""
        return int(self.column.numel())

    def forward(self, numeric: Tensor) -> Tensor:
        """Encode one batch."""
        if self.extra == 0:
            return numeric
        filled = torch.clamp((numeric.index_select(1, self.column) - self.left) * self.factor, 0.0, 1.0)
        return torch.cat([numeric, filled], dim=1)


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
