"""A network that knows every column's distribution given all the others."""

import torch
from torch import Tensor, nn

from stillroom.compression.augmentation.parts import PARTS, Part
from stillroom.compression.augmentation.settings import AugmentConfig
from stillroom.table.encoding import Encoded, Encoding
from stillroom.table.errors import InputError

HEADS = 4
DROPOUT = 0.1

Inputs = dict[str, Tensor]


class Pseudolikelihood(nn.Module):
    """Masked attention: one query a column, which sees the tokens of all columns but its own.

    The tokens stay as they are from block to block and only the queries gather, so that nothing of a column's own value
    reaches its query by way of others. Trained by maximum pseudolikelihood: the sum of log p(column | others).
    """

    hidden: Tensor

    def __init__(self, encoding: Encoding, train: Encoded, config: AugmentConfig):
        super().__init__()
        strange = [c.name for kind, columns in encoding.blocks.items() if kind not in PARTS for c in columns]
        if strange:
            raise InputError(
                f"compress.augment: synthetic rows cannot have values of {', '.join(strange)}, which are neither "
                "numeric nor categorical: set compress.augment to null"
            )
        self.parts = nn.ModuleDict({k: PARTS[k](cs, train[k], config.width) for k, cs in encoding.blocks.items()})
        count = len(encoding.columns)
        self.queries = nn.Parameter(torch.randn(count, config.width) / 2)
        self.start = nn.Parameter(torch.randn(1, 1, config.width) / 2)
        self.blocks = nn.ModuleList(_Block(config.width) for _ in range(config.blocks))
        own = torch.eye(count, dtype=torch.bool)
        self.register_buffer("hidden", torch.cat([torch.zeros(count, 1, dtype=torch.bool), own], dim=1))

    @property
    def places(self) -> list[tuple[str, Part, int]]:
        """Every column: its kind, its part, its number there."""
        return [(k, part, i) for k, part in self._parts() for i in range(part.count)]

    def surprise(self, inputs: Inputs) -> Tensor:
        """The mean negative log likelihood of a value given the row's others."""
        contexts = self.contexts(inputs, slice(None))
        found, begin = [], 0
        for kind, part in self._parts():
            end = begin + inputs[kind].shape[1]
            found.append(part.surprise(contexts[:, begin:end], inputs[kind]))
            begin = end
        return torch.cat(found, dim=1).mean()

    def contexts(self, inputs: Inputs, columns: slice) -> Tensor:
        """What is known of these columns from the others: [N, columns, width]."""
        tokens = torch.cat([part.embed(inputs[kind]) for kind, part in self._parts()], dim=1)
        rows = len(tokens)
        seen = torch.cat([self.start.expand(rows, -1, -1), tokens], dim=1)
        gathered = self.queries[columns].expand(rows, -1, -1)
        for block in self.blocks:
            gathered = block(gathered, seen, self.hidden[columns])
        return gathered

    def _parts(self) -> list[tuple[str, Part]]:
        return [(kind, part) for kind, part in self.parts.items() if isinstance(part, Part)]


class _Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.think = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(DROPOUT), nn.Linear(2 * width, width)
        )

    def forward(self, queries: Tensor, tokens: Tensor, hidden: Tensor) -> Tensor:
        found, _ = self.attend(self.before(queries), tokens, tokens, attn_mask=hidden, need_weights=False)
        queries = queries + found
        return queries + self.think(self.between(queries))
