"""How many channels each layer keeps."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Scope = Literal["layer", "global"]


@dataclass(frozen=True)
class Layer:
    """Layers bound to one width: as wide as they were at first, and the importance of each channel left, [width].

    The width stays a multiple of ``multiple``, once at least. ``own_ratio`` is a ratio that holds for these alone.
    """

    first_width: int
    importance: Tensor
    multiple: int
    own_ratio: float | None = None


def widths(layers: dict[str, Layer], ratio: float, scope: Scope) -> dict[str, int]:
    """The width of each once a share `ratio` of the first channels has left.

    By `layer` the same share of each; `global` leaves those channels that are the most important of all layers,
    so that importance must be comparable between layers, as torch-pruning's is.
    """
    pooled = {name: layer for name, layer in layers.items() if scope == "global" and layer.own_ratio is None}
    kept = _most_important(pooled, ratio)
    for name, layer in layers.items():
        if name not in pooled:
            kept[name] = layer.first_width * (1 - (ratio if layer.own_ratio is None else layer.own_ratio))
    return {name: _rounded(kept[name], layer) for name, layer in layers.items()}


def _most_important(layers: dict[str, Layer], ratio: float) -> dict[str, float]:
    """How many of each layer's channels are among the most important of all."""
    if not layers:
        return {}
    importance = torch.cat([layer.importance for layer in layers.values()])
    owner = torch.cat([torch.full((len(layer.importance),), i) for i, layer in enumerate(layers.values())])
    count = round(sum(layer.first_width for layer in layers.values()) * (1 - ratio))
    chosen = owner[importance.argsort(descending=True)[:count]]
    return dict(zip(layers, torch.bincount(chosen, minlength=len(layers)).tolist(), strict=True))


def _rounded(width: float, layer: Layer) -> int:
    """The nearest multiple; no more than there are."""
    multiples = max(math.floor(width / layer.multiple + 0.5), 1)
    return min(multiples * layer.multiple, len(layer.importance))
