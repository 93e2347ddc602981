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
        # In the graph this is core arithmetic. OpenVINO's execution provider does not take IsNaN, and then fails.
        missing = numeric.ne(numeric)
        clipped = torch.minimum(torch.maximum(numeric, self.low), self.high)
        scaled = torch.where(missing, self.zero, (clipped - self.mean) * self.factor)
        if self.flagged.numel() == 0:
            return scaled
        return torch.cat([scaled, missing.index_select(1, self.flagged).to(scaled.dtype)], dim=1)


class PiecewiseLinear(nn.Module):
    """Piecewise-linear encoding of numbers by quantile bins (Gorishniy et al. 2022).

    **Shape**: [N, F] -> [N, M * B] for the first B = ``len(bins)`` columns and their largest number of bins M: the
    first bin of every column, then the second of every column, and so on. Each is the share of the bin that the
    value has filled, 0 to 1; bins that a column has not got are 0. In this order the exported graph works on whole
    rows, several times faster than by a Gather along the columns or by broadcasting over the bins.
    """

    left: Tensor
    factor: Tensor

    def __init__(self, bins: list[list[float]]):
        super().__init__()
        self.columns = len(bins)
        self.most = max((len(b) - 1 for b in bins), default=0)
        left, factor = torch.zeros(self.most, self.columns), torch.zeros(self.most, self.columns)
        for i, edges in enumerate(map(torch.tensor, bins)):
            left[: len(edges) - 1, i] = edges[:-1]
            factor[: len(edges) - 1, i] = 1 / torch.diff(edges)
        self.register_buffer("left", left.flatten())
        self.register_buffer("factor", factor.flatten())

    @property
    def width(self) -> int:
        """How many columns the encoding has."""
        return self.columns * self.most

    def forward(self, numeric: Tensor) -> Tensor:
        """Encode one batch."""
        binned = numeric[:, : self.columns] if numeric.shape[1] > self.columns else numeric
        return torch.clamp((torch.cat([binned] * self.most, dim=1) - self.left) * self.factor, 0.0, 1.0)


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


class OneHot(nn.Module):
    """One number a code, for networks that know no categories.

    **Shape**: int64 [N, C] -> float32 [N, sum of cardinalities].
    """

    codes: Tensor
    owner: Tensor

    def __init__(self, cardinalities: list[int]):
        super().__init__()
        self.register_buffer("codes", torch.cat([torch.arange(c) for c in cardinalities]))
        self.register_buffer("owner", torch.repeat_interleave(torch.tensor(cardinalities)))

    def forward(self, categorical: Tensor) -> Tensor:
        """Encode one batch of codes."""
        return (categorical.index_select(1, self.owner) == self.codes).to(torch.float32)


class Levels(nn.Module):
    """Pixels as numbers of mean 0 and deviation 1 in each channel, both given in the pixels' own levels.

    **Shape**: uint8 (or float levels) [N, channels, height, width] -> float32 of the same shape.
    """

    shift: Tensor
    factor: Tensor

    def __init__(self, mean: list[float], deviation: list[float]):
        super().__init__()
        factor = 1 / torch.tensor(deviation)
        self.register_buffer("factor", factor.view(-1, 1, 1))
        self.register_buffer("shift", -(torch.tensor(mean) * factor).view(-1, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalise one batch."""
        return pixels.to(torch.float32) * self.factor + self.shift
