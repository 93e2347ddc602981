"""The kinds of column as the model of synthetic rows sees them: one small module each."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn
from torch.distributions import Categorical, MixtureSameFamily, Normal
from torch.nn import functional

from stillroom.table.categorical import MISSING, UNKNOWN, CategoricalColumn
from stillroom.table.numeric import NumericColumn

COMPONENTS = 10
NARROWEST = 0.02  # standard deviation of a component: values seen many times would be infinitely likely
UNSEEN = "stillroom: not in the vocabulary"


class Part(nn.Module, ABC):
    """The columns of one kind: as tokens, and as distributions given the other columns. A missing value stays so."""

    count: int

    @abstractmethod
    def embed(self, values: Tensor) -> Tensor:
        """Values [N, C] -> tokens [N, C, width]."""

    @abstractmethod
    def surprise(self, contexts: Tensor, values: Tensor) -> Tensor:
        """Negative log likelihood of values [N, C] given contexts [N, C, width]: [N, C], 0 where missing."""

    @abstractmethod
    def draw(self, context: Tensor, values: Tensor, column: int) -> Tensor:
        """New values [N] of a column given contexts [N, width], missing where `values` [N] are."""

    @abstractmethod
    def raw(self, values: np.ndarray, column: int) -> pl.Series:
        """Values [N] of a column as the raw table has them."""


class NumericPart(Part):
    """Numbers as mixtures of Gaussians; what is drawn becomes the nearest value that the training rows have."""

    mean: Tensor
    scale: Tensor

    def __init__(self, columns: list[NumericColumn], values: np.ndarray, width: int):
        super().__init__()
        self.count, self.names = len(columns), [c.name for c in columns]
        self.register_buffer("mean", torch.tensor([c.mean for c in columns]))
        self.register_buffer("scale", torch.tensor([c.scale for c in columns]))
        self.seen = [torch.from_numpy(np.unique(column[np.isfinite(column)])) for column in values.T]
        self.slope, self.offset, self.absent = (nn.Parameter(torch.randn(self.count, width) / 2) for _ in range(3))
        self.mix = nn.Linear(width, width)
        self.head = nn.Linear(width, 3 * COMPONENTS)

    def embed(self, values: Tensor) -> Tensor:
        known = values.isfinite().unsqueeze(-1)
        token = self._standard(values).nan_to_num(0, 0, 0).unsqueeze(-1) * self.slope + self.offset
        return self.mix(functional.gelu(torch.where(known, token, self.absent)))

    def surprise(self, contexts: Tensor, values: Tensor) -> Tensor:
        likely = self._mixture(contexts).log_prob(self._standard(values).nan_to_num(0, 0, 0))
        return -likely * values.isfinite()

    def draw(self, context: Tensor, values: Tensor, column: int) -> Tensor:
        seen = self.seen[column]
        if len(seen) == 0:
            return values
        drawn = self._mixture(context).sample() * self.scale[column] + self.mean[column]
        above = torch.searchsorted(seen, drawn.to(seen.dtype)).clamp(1, max(len(seen) - 1, 1))
        low, high = seen[above - 1], seen[above.clamp_max(len(seen) - 1)]
        nearest = torch.where(drawn - low < high - drawn, low, high)
        return torch.where(values.isfinite(), nearest, values)

    def raw(self, values: np.ndarray, column: int) -> pl.Series:
        return pl.Series(self.names[column], values)

    def _standard(self, values: Tensor) -> Tensor:
        return ((values - self.mean) / self.scale).clamp(-10, 10)

    def _mixture(self, contexts: Tensor) -> MixtureSameFamily:
        weights, means, spreads = self.head(contexts).chunk(3, dim=-1)
        return MixtureSameFamily(
            Categorical(logits=weights), Normal(means, functional.softplus(spreads) + NARROWEST), validate_args=False
        )


class CategoricalPart(Part):
    """Categories as a softmax over the codes that the training rows have."""

    def __init__(self, columns: list[CategoricalColumn], values: np.ndarray, width: int):
        super().__init__()
        self.count, self.columns = len(columns), columns
        self.embeddings = nn.ModuleList(nn.Embedding(c.cardinality, width) for c in columns)
        self.heads = nn.ModuleList(nn.Linear(width, c.cardinality) for c in columns)
        counts = [np.bincount(codes, minlength=c.cardinality) for c, codes in zip(columns, values.T, strict=True)]
        self.never = [torch.from_numpy((n == 0) | (np.arange(len(n)) == MISSING)) for n in counts]

    def embed(self, values: Tensor) -> Tensor:
        return torch.stack([embed(values[:, i]) for i, embed in enumerate(self.embeddings)], dim=1)

    def surprise(self, contexts: Tensor, values: Tensor) -> Tensor:
        each = [
            functional.cross_entropy(head(contexts[:, i]), values[:, i], ignore_index=MISSING, reduction="none")
            for i, head in enumerate(self.heads)
        ]
        return torch.stack(each, dim=1)

    def draw(self, context: Tensor, values: Tensor, column: int) -> Tensor:
        never = self.never[column]
        if never.all():
            return values
        logits = self.heads[column](context).masked_fill(never, -math.inf)
        return torch.where(values == MISSING, values, Categorical(logits=logits).sample())

    def raw(self, values: np.ndarray, column: int) -> pl.Series:
        texts = {MISSING: None, UNKNOWN: UNSEEN}
        known = self.columns[column]
        codes = dict(enumerate(known.vocabulary, start=known.cardinality - len(known.vocabulary)))
        return pl.Series(known.name, [({**texts, **codes})[code] for code in values.tolist()], dtype=pl.String)


PARTS: dict[str, Callable[[list[Any], np.ndarray, int], Part]] = {
    NumericColumn.KIND: NumericPart,
    CategoricalColumn.KIND: CategoricalPart,
}
