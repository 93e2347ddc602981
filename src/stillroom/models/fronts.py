"""What stands in front of a declared network: one small module a kind of column, from its raw array to numbers."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from stillroom.models.features import Features
from stillroom.models.layers import Levels, OneHot, Standardise
from stillroom.table.categorical import CategoricalColumn
from stillroom.table.encoding import Encoding
from stillroom.table.image import ImageColumn
from stillroom.table.numeric import NumericColumn


def _standardise(columns: list[NumericColumn]) -> Standardise:
    return Standardise(
        [c.mean for c in columns],
        [c.scale for c in columns],
        [c.low for c in columns],
        [c.high for c in columns],
        [c.flag for c in columns],
    )


def _codes(columns: list[CategoricalColumn]) -> nn.Identity:
    return nn.Identity()


def _levels(columns: list[ImageColumn]) -> Levels:
    largest = ImageColumn.LARGEST
    return Levels([m * largest for c in columns for m in c.mean], [d * largest for c in columns for d in c.deviation])


FRONTS: dict[str, Callable[[list[Any]], nn.Module]] = {
    "numeric": _standardise,
    "categorical": _codes,
    "image": _levels,
}


class Flat(nn.Module):
    """All inputs side by side, for a network that takes one tensor: categories one-hot.

    **Shape**: the fronts' outputs by kind -> float32 [N, `Features.width`].
    """

    def __init__(self, features: Features):
        super().__init__()
        self.one_hot = OneHot(features.cardinalities) if features.cardinalities else None

    def forward(self, fronted: dict[str, Tensor]) -> Tensor:
        """Lay one batch flat."""
        parts = [self.one_hot(v) if kind == "categorical" and self.one_hot else v for kind, v in fronted.items()]
        return torch.cat([part.flatten(1) for part in parts], dim=1)


def fronts_of(encoding: Encoding) -> nn.ModuleDict:
    """The fronts of the kinds that a table has."""
    return nn.ModuleDict({kind: FRONTS[kind](columns) for kind, columns in encoding.blocks.items()})


def features_of(encoding: Encoding) -> Features:
    """The inputs that a network gets from a fitted encoding."""
    flags = sum(c.flag for c in encoding.numeric)
    return Features(
        numeric=len(encoding.numeric) + flags,
        cardinalities=[c.cardinality for c in encoding.categorical],
        bins=[c.bins for c in encoding.numeric],
        image=ImageColumn.zeros(encoding.image, 1).shape[1:] if encoding.image else None,
    )
