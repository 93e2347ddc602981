"""What stands in front of a declared network: one small module a kind of column, from its raw array to numbers."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from stillroom.models.features import Features
from stillroom.models.layers import Levels, OneHot, Standardise
from stillroom.table.categorical import CategoricalColumn
from stillroom.table.encoding import Encoding
from stillroom.table.image import ImageColumn
from stillroom.table.kinds import KINDS
from stillroom.table.numeric import NumericColumn


class Front(NamedTuple):
    """The columns of one kind: the module that stands in front, and what a network is told of them (`Features`)."""

    module: Callable[[list[Any]], nn.Module]
    told: Callable[[list[Any]], dict[str, Any]]


def _standardise(columns: list[NumericColumn]) -> Standardise:
    return Standardise(
        [c.mean for c in columns],
        [c.scale for c in columns],
        [c.low for c in columns],
        [c.high for c in columns],
        [c.flag for c in columns],
    )


def _numbers(columns: list[NumericColumn]) -> dict[str, Any]:
    return {"numeric": len(columns) + sum(c.flag for c in columns), "bins": [c.bins for c in columns]}


def _codes(columns: list[CategoricalColumn]) -> nn.Identity:
    return nn.Identity()


def _cardinalities(columns: list[CategoricalColumn]) -> dict[str, Any]:
    return {"cardinalities": [c.cardinality for c in columns]}


def _levels(columns: list[ImageColumn]) -> Levels:
    largest = ImageColumn.LARGEST
    return Levels([m * largest for c in columns for m in c.mean], [d * largest for c in columns for d in c.deviation])


def _size(columns: list[ImageColumn]) -> dict[str, Any]:
    return {"image": ImageColumn.zeros(columns, 1).shape[1:]}


FRONTS = {
    NumericColumn.KIND: Front(_standardise, _numbers),
    CategoricalColumn.KIND: Front(_codes, _cardinalities),
    ImageColumn.KIND: Front(_levels, _size),
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
        parts = [self.one_hot(v) if self.one_hot and KINDS[kind].CODED else v for kind, v in fronted.items()]
        return torch.cat([part.flatten(1) for part in parts], dim=1)


def fronts_of(encoding: Encoding) -> nn.ModuleDict:
    """The fronts of the kinds that a table has."""
    return nn.ModuleDict({kind: FRONTS[kind].module(columns) for kind, columns in encoding.blocks.items()})


def features_of(encoding: Encoding) -> Features:
    """The inputs that a network gets from a fitted encoding."""
    told = [FRONTS[kind].told(columns) for kind, columns in encoding.blocks.items()]
    return Features(**{name: value for each in told for name, value in each.items()})
