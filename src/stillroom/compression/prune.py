"""Structured pruning: whole hidden units leave the network, so that the exported graph is truly smaller."""

import copy

import torch
import torch_pruning
from torch import nn

from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding
from stillroom.table.errors import InputError

EXAMPLE_ROWS = 4


def prune(network: TableNetwork, encoding: Encoding, ratio: float, round_to: int) -> TableNetwork:
    """A copy of a network with `ratio` of each hidden layer's units removed, those of least weight first.

    The network's outputs are left as they are; widths stay multiples of `round_to`. The copy must be
    trained again. Raises InputError where nothing in the network can be pruned, or its outputs would be.

    Source: torch-pruning's dependency graph (Fang et al., CVPR 2023).
    """
    pruned = copy.deepcopy(network).train()
    example = (
        torch.zeros(EXAMPLE_ROWS, len(encoding.numeric)),
        torch.zeros(EXAMPLE_ROWS, len(encoding.categorical), dtype=torch.int64),
    )
    outputs = [m for m in pruned.modules() if isinstance(m, nn.Linear) and m.out_features == encoding.target.outputs]
    before, shape = sum(p.numel() for p in pruned.parameters()), pruned.scores(*example).shape
    pruner = torch_pruning.pruner.MagnitudePruner(
        pruned,
        example,
        importance=torch_pruning.importance.GroupMagnitudeImportance(p=2),
        pruning_ratio=ratio,
        ignored_layers=[*outputs[-1:], *(m for m in pruned.modules() if isinstance(m, nn.Embedding))],
        round_to=round_to,
        forward_fn=lambda model, inputs: model.scores(*inputs),
    )
    pruner.step()
    name = type(network.body).__name__
    if sum(p.numel() for p in pruned.parameters()) == before:
        raise InputError(
            f"nothing in {name} was pruned at ratio {ratio} with round_to {round_to}: set other ratios, or none"
        )
    if pruned.scores(*example).shape != shape:
        raise InputError(f"{name} cannot be pruned: its last nn.Linear is not the layer that answers")
    return pruned.eval()
