"""A network that a user brings: nothing of Stillroom's but the signature."""

import torch
from torch import Tensor, nn


class Own(nn.Module):
    """Embeds nothing: reads the codes as numbers."""

    def __init__(self, features, outputs: int, *, size: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(features.numeric + len(features.cardinalities), size), nn.Tanh(), nn.Linear(size, outputs)
        )

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        return self.layers(torch.cat([numeric, categorical.to(numeric.dtype)], dim=1))


class Exploding(Own):
    """Whose answers are soon not numbers."""

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        return super().forward(numeric, categorical) * torch.tensor(float("nan"))


class Failing(Own):
    """Which fails when it is trained."""

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        if self.training:
            raise RuntimeError("the wheels came off")
        return super().forward(numeric, categorical)
