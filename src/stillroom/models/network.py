"""The whole model: raw arrays in, predictions out; what is trained, pruned and exported."""

import inspect

import numpy as np
import torch
from torch import Tensor, nn

from stillroom.models.features import Features
from stillroom.models.fronts import Flat, features_of, fronts_of
from stillroom.table.encoding import Encoding
from stillroom.table.errors import InputError
from stillroom.table.kinds import KINDS

Inputs = dict[str, Tensor]


class TableNetwork(nn.Module):
    """The kinds' fronts, the declared network as body, the task's answer behind.

    The body's forward takes what it needs by the names of its parameters: `numeric`, `categorical`, ...; a body with
    one parameter of another name gets all inputs as one tensor [N, `Features.width`].

    **Shape**: raw arrays by kind, as `stillroom.table.encoding.Encoded` holds them ->
    binary: probability [N]; multiclass: probabilities [N, classes]; regression: value [N].

    Raises InputError where the body asks for a kind that the table has not, or does not ask for one that it has.
    """

    def __init__(self, body: nn.Module, encoding: Encoding):
        super().__init__()
        self.body, self.front = body, fronts_of(encoding)
        self.task = encoding.target.task
        self.mean, self.scale = encoding.target.mean, encoding.target.scale
        self.takes = _kinds_taken(body, encoding)
        self.flat = None if self.takes else Flat(features_of(encoding))

    def scores(self, inputs: Inputs) -> Tensor:
        """What the loss takes: logits, or the standardised value; [N, outputs] or [N, k, outputs]."""
        fronted = {kind: front(inputs[kind]) for kind, front in self.front.items()}
        if self.flat is not None:
            return self.body(self.flat(fronted))
        return self.body(**{kind: fronted[kind] if kind in fronted else _none(kind, fronted) for kind in self.takes})

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

    def forward(self, inputs: Inputs) -> Tensor:
        """Predict one batch."""
        return self.answer(self.scores(inputs))


def example_inputs(encoding: Encoding, rows: int) -> Inputs:
    """Rows of zeros in the shape that a table's networks take."""
    return {kind: torch.from_numpy(KINDS[kind].zeros(columns, rows)) for kind, columns in encoding.blocks.items()}


def given(encoding: Encoding) -> dict[str, Features | int]:
    """What a network's constructor may ask for by the names of its parameters."""
    features, outputs = features_of(encoding), encoding.target.outputs
    return {"features": features, "outputs": outputs, "in_features": features.width, "out_features": outputs}


def check_scores(network: TableNetwork, encoding: Encoding) -> None:
    """Run a few rows through a network. Raises InputError where it fails on them or its scores have another shape."""
    name, rows, outputs = type(network.body).__name__, 3, encoding.target.outputs
    training = network.training
    try:
        with torch.no_grad():
            scores = network.eval().scores(example_inputs(encoding, rows))
    except Exception as error:
        raise InputError(f"the network {name} fails on {rows} rows: {' '.join(str(error).split())[:300]}") from error
    network.train(training)
    if scores.shape not in ((rows, outputs), (rows, *scores.shape[1:-1], outputs)) or scores.dim() > 3:
        raise InputError(
            f"the network {name} answers {list(scores.shape)} for {rows} rows; the table's {encoding.target.task} task "
            f"needs [rows, {outputs}], or [rows, k, {outputs}] of an ensemble"
        )


def _kinds_taken(body: nn.Module, encoding: Encoding) -> list[str]:
    """The kinds that a network's forward names; none of them where it takes one tensor for all."""
    parameters = [p for p in inspect.signature(body.forward).parameters.values() if p.kind is not p.VAR_KEYWORD]
    names, name = [p.name for p in parameters], type(body).__name__
    taken = [kind for kind in names if kind in KINDS]
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    if not taken and len(needed) == 1:
        return []
    strange = [parameter for parameter in needed if parameter not in KINDS]
    if strange or not taken:
        raise InputError(
            f"the forward of {name} takes ({', '.join(names)}): name its parameters {', '.join(KINDS)}, as many "
            "as it needs, or take one tensor of all inputs"
        )
    lacking = [kind for kind in taken if kind not in encoding.blocks and not KINDS[kind].OPTIONAL]
    if lacking:
        raise InputError(f"{name} needs {' and '.join(lacking)} columns, and the table has none: choose another model")
    unread = [kind for kind in encoding.blocks if kind not in taken]
    if unread:
        columns = ", ".join(c.name for kind in unread for c in encoding.blocks[kind])
        raise InputError(
            f"{name} reads no {' and no '.join(unread)} columns, and the table has {columns}: choose a "
            "model that does, or take them out of the table's declaration"
        )
    return taken


def _none(kind: str, fronted: Inputs) -> Tensor:
    """The array of a kind that the table has no columns of: [N, 0]."""
    rows = next(iter(fronted.values())).shape[0]
    return torch.zeros(rows, 0, dtype=torch.from_numpy(np.zeros(0, KINDS[kind].DTYPE)).dtype)
