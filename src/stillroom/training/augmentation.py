"""Augmentation: training rows changed at random, batch by batch, as declared for each kind of column."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from stillroom.table.kinds import KINDS
from stillroom.table.spec import Kind
from stillroom.training.settings import Target


class Augmentation(nn.Module):
    """The declared transforms of each kind, such as kornia's of pictures; they see values scaled to 0..1.

    **Shape**: raw arrays by kind, as networks take them -> the same, the augmented ones as float32.
    """

    def __init__(self, declared: Mapping[Kind, list[Target]]):
        super().__init__()
        self.kinds = nn.ModuleDict({kind: nn.Sequential(*(t.build() for t in ts)) for kind, ts in declared.items()})

    @torch.no_grad()
    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Change one batch."""
        changed = {k: transform(inputs[k] / KINDS[k].LARGEST) * KINDS[k].LARGEST for k, transform in self.kinds.items()}
        return {**inputs, **changed}
