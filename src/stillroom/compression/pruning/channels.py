"""The channels of a network's layers, and which of them leave together: torch-pruning's dependency graph."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_pruning import ops
from torch_pruning.dependency import DependencyGraph, Group

from stillroom.models.network import Inputs, TableNetwork

ROOTS = [ops.TORCH_CONV, ops.TORCH_LINEAR, ops.TORCH_LSTM]


@dataclass(frozen=True)
class Bound:
    """Layers bound to one width, such as those whose outputs are added to each other.

    ``layers`` are the names of those with weights; ``members`` all whose own channels these are: modules, raw
    parameters, torch-pruning's nodes. The channels lie in ``sets`` sets that must stay equally wide: those of a grouped
    convolution, or the halves of which one gates the other.
    """

    layers: list[str]
    members: list[object]
    width: int
    sets: int
    group: Group

    @property
    def name(self) -> str:
        """The first of the layers, which is in no other."""
        return self.layers[0]


class NotFollowedError(Exception):
    """torch-pruning could not follow a network's layers; the message is its own."""


class Channels:
    """A network's channels, followed from layer to layer (Fang et al., CVPR 2023); names are those in its body.

    ``bound`` holds every convolution, linear layer and LSTM of more than one channel, in one of them each.
    Raises NotFollowedError where torch-pruning fails on the network.
    """

    def __init__(self, network: TableNetwork, inputs: Inputs):
        self.names = {module: name for name, module in network.body.named_modules()}
        self.graph = DependencyGraph()
        try:
            self.graph.build_dependency(
                network.body, inputs, forward_fn=lambda _, rows: network.scores(rows), verbose=False
            )
            groups = list(self.graph.get_all_groups(root_module_types=ROOTS))
        except Exception as error:  # torch-pruning fails in many ways on what it does not know
            raise NotFollowedError(" ".join(str(error).split())[:200]) from error
        self.bound = [self._bound(group) for group in groups if len(group[0].idxs) > 1]

    def remove(self, bound: Bound, importance: Tensor, count: int) -> None:
        """Remove the `count` channels of least importance [width], equally many of each set."""
        each = importance.view(bound.sets, -1).mean(0).argsort()[: count // bound.sets]
        starts = torch.arange(bound.sets) * (bound.width // bound.sets)
        leaving = (starts[:, None] + each).flatten().sort().values.tolist()
        root = bound.group[0].dep
        self.graph.get_pruning_group(root.target.module, root.handler, leaving).prune()

    def _bound(self, group: Group) -> Bound:
        members = [dep.target.module for dep, _ in group if self.graph.is_out_channel_pruning_fn(dep.handler)]
        layers = [self.names[m] for m in members if isinstance(m, tuple(ROOTS))]
        return Bound(layers, members, len(group[0].idxs), self._sets(group), group)

    def _sets(self, group: Group) -> int:
        root = group[0].dep
        sets = [len(self.graph.get_pruning_group(root.target.module, root.handler, [0])[0].idxs)]
        for dep, _ in group:
            layer, pruner = dep.target.module, self.graph.get_pruner_of_module(dep.target.module)
            depthwise = isinstance(layer, ops.TORCH_CONV) and layer.groups == layer.out_channels
            if not depthwise:
                out = self.graph.is_out_channel_pruning_fn(dep.handler)
                sets.append((pruner.get_out_channel_groups if out else pruner.get_in_channel_groups)(layer))
        return max(sets)
