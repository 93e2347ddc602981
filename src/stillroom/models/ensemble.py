"""Several networks as one."""

import torch
from torch import Tensor, nn


class Ensemble(nn.Module):
    """The mean of what whole networks on a table predict.

    **Shape**: as a `TableNetwork`.
    """

    def __init__(self, members: list[nn.Module]):
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Predict one batch."""
        return torch.stack([member(inputs) for member in self.members]).mean(0)
