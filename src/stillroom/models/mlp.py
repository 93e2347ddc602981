"""A multilayer perceptron over embedded categories and piecewise-linearly encoded numbers."""

import torch
from torch import Tensor, nn

from stillroom.models.features import Features
from stillroom.models.layers import Embed, PiecewiseLinear


class Mlp(nn.Module):
    """MLP for tables: the small student, and a plain teacher.

    Args:
        features: the inputs.
        outputs: numbers answered per row.
        widths: units of each hidden layer.
        embedding: dimension of the categorical embedding.
        piecewise: encode numbers piecewise-linearly.
        dropout: share of hidden units dropped while training.

    **Shape**: numeric [N, F], categorical int64 [N, C] -> [N, outputs].
    """

    def __init__(
        self,
        features: Features,
        outputs: int,
        *,
        widths: list[int],
        embedding: int = 8,
        piecewise: bool = True,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.encode = PiecewiseLinear(features.bins) if piecewise and features.bins else None
        self.embed = Embed(features.cardinalities, embedding) if features.cardinalities else None
        width = features.numeric + sum(part.width for part in (self.encode, self.embed) if part)
        layers: list[nn.Module] = []
        for units in widths:
            layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(dropout)]
            width = units
        self.hidden = nn.Sequential(*layers)
        self.head = nn.Linear(width, outputs)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        """Answer one batch."""
        inputs = [numeric]
        if self.encode is not None:
            inputs.append(self.encode(numeric))
        if self.embed is not None:
            inputs.append(self.embed(categorical))
        return self.head(self.hidden(torch.cat(inputs, dim=1)))
