"""The whole model: raw arrays in, predictions out; what is trained, pruned and exported."""

import torch
from torch import Tensor, nn

from stillroom.models.features import Features
from stillroom.models.layers import Standardise
from stillroom.table.encoding import Encoding


class TableNetwork(nn.Module):
    """Standardising in front, the declared network as body, the task's answer behind.

    **Shape**: numeric float32 [N, F] raw with NaN = missing, categorical int64 [N, C] codes ->
    binary: probability [N]; multiclass: probabilities [N, classes]; regression: value [N].
    """

    def __init__(self, front: nn.Module, body: nn.Module, encoding: Encoding):
        super().__init__()
        self.front, self.body = front, body
        self.task = encoding.target.task
        self.mean, self.scale = encoding.target.mean, encoding.target.scale

    def scores(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        """What the loss takes: logits, or the standardised value; [N, outputs] or [N, k, outputs]."""
        return self.body(self.front(numeric), categorical)

    def answer(self, scores: Tensor) -> Tensor:
        """Scores as predictions, the members of an ensemble averaged as probabilities."""
        if self.task == "regression":
            answers = scores[..., 0] * self.scale + self.mean
            return answers if answers.dim() == 1 else answers.mean(1)
        if self.task == "binary":
            answers = torch.sigmoid(scores[..., 0])
            return answers if answers.dim() == 1 else answers.mean(1)
        answers = torch.softmax(scores, dim=-1)
        return answers if answers.dim() == 2 else answers.mean(1)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        """Predict one batch."""
        return self.answer(self.scores(numeric, categorical))


def features_of(encoding: Encoding) -> Features:
    """The inputs a network gets from a fitted encoding."""
    flags = sum(c.flag for c in encoding.numeric)
    return Features(
        numeric=len(encoding.numeric) + flags,
        cardinalities=encoding.cardinalities,
        bins=[c.bins for c in encoding.numeric],
    )


def front_of(encoding: Encoding) -> Standardise:
    """The standardising layer of a fitted encoding."""
    columns = encoding.numeric
    return Standardise(
        [c.mean for c in columns],
        [c.scale for c in columns],
        [c.low for c in columns],
        [c.high for c in columns],
        [c.flag for c in columns],
    )
