"""Networks that users might bring, each of which could be pruned in the wrong place."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_pruning.dependency import Group

INPUTS, HEADS = 6, 4  # three numeric columns, one flag, two codes


def _flat(numeric: Tensor, categorical: Tensor) -> Tensor:
    return torch.cat([numeric, categorical.to(numeric.dtype)], dim=1)


class HeadFirst(nn.Module):
    """Whose head is defined before its hidden layers, and a hidden layer that is as wide as the answers."""

    def __init__(self, outputs: int):
        super().__init__()
        self.head = nn.Linear(32, outputs)
        self.narrow = nn.Linear(INPUTS, outputs)
        self.wide = nn.Linear(outputs, 32)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        return self.head(functional.relu(self.wide(functional.relu(self.narrow(_flat(numeric, categorical))))))


class TwoHeads(nn.Module):
    """Whose answer is the sum of a linear model's and a deep one's, with a temperature of its own."""

    def __init__(self, outputs: int):
        super().__init__()
        self.deep, self.deep_head = nn.Linear(INPUTS, 32), nn.Linear(32, outputs)
        self.linear_head = nn.Linear(INPUTS, outputs)
        self.temperature = nn.Parameter(torch.ones(1))

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        x = _flat(numeric, categorical)
        return (self.deep_head(functional.relu(self.deep(x))) + self.linear_head(x)) * self.temperature


class Convolutions(nn.Module):
    """A residual block with BatchNorm, over the columns as a picture of one line."""

    def __init__(self, outputs: int):
        super().__init__()
        self.stem, self.stem_norm = nn.Conv2d(1, 16, (1, 3), padding="same"), nn.BatchNorm2d(16)
        self.inner, self.inner_norm = nn.Conv2d(16, 24, (1, 3), padding="same"), nn.BatchNorm2d(24)
        self.outer, self.outer_norm = nn.Conv2d(24, 16, (1, 3), padding="same"), nn.BatchNorm2d(16)
        self.head = nn.Linear(16 * INPUTS, outputs)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        x = _flat(numeric, categorical)[:, None, None]
        stem = functional.relu(self.stem_norm(self.stem(x)))
        inner = functional.relu(self.inner_norm(self.inner(stem)))
        return self.head(functional.relu(stem + self.outer_norm(self.outer(inner))).flatten(1))


class Attention(nn.Module):
    """torch's own encoder layer over one token a column."""

    def __init__(self, outputs: int):
        super().__init__()
        self.token = nn.Linear(1, 16)
        self.encoder = nn.TransformerEncoderLayer(16, HEADS, 32, dropout=0.0, batch_first=True)
        self.head = nn.Linear(16, outputs)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        return self.head(self.encoder(self.token(_flat(numeric, categorical)[:, :, None])).mean(1))


class RawWeights(nn.Module):
    """Which multiplies by a parameter of its own."""

    def __init__(self, outputs: int):
        super().__init__()
        self.first, self.second = nn.Linear(INPUTS, 16), nn.Linear(16, 16)
        self.weight = nn.Parameter(torch.randn(16, outputs))

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        return functional.relu(self.second(functional.relu(self.first(_flat(numeric, categorical))))) @ self.weight


class Recurrent(nn.Module):
    """Which torch-pruning fails on."""

    def __init__(self, outputs: int):
        super().__init__()
        self.token, self.reader, self.head = nn.Linear(1, 16), nn.GRU(16, 12, batch_first=True), nn.Linear(12, outputs)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        return self.head(self.reader(functional.relu(self.token(_flat(numeric, categorical)[:, :, None])))[0][:, -1])


class Stubborn(nn.Module):
    """Which does without one unit, but not without half of them."""

    def __init__(self, outputs: int):
        super().__init__()
        self.hidden, self.head = nn.Linear(INPUTS, 32), nn.Linear(32, outputs)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        hidden = functional.relu(self.hidden(_flat(numeric, categorical)))
        if hidden.shape[1] < 20:
            raise RuntimeError("20 units are the least")
        return self.head(hidden)


class LastFirst:
    """An importance of the user's own: the later a unit, the less it counts."""

    def __call__(self, group: Group) -> Tensor:
        return -torch.arange(float(len(group[0].idxs)))


class OneForAll:
    """Which weighs a layer, not its units."""

    def __call__(self, group: Group) -> Tensor:
        return torch.ones(1)
