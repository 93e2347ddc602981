"""The layers that pruning must leave whole, and why."""

import copy
from typing import Any

import torch
from torch import nn
from torch_pruning import ops

from stillroom.compression.pruning.channels import Bound, Channels
from stillroom.models.network import Inputs, TableNetwork

ANSWERS = "its channels are the network's answers"
EMBEDDING = "it is an embedding"
RAW = "it holds its weights in a way that torch-pruning cannot follow"


def left_whole(network: TableNetwork, inputs: Inputs) -> dict[str, str]:
    """The layers of which no channel may leave, by name, and why.

    Those are: what makes the scores; embeddings; layers with parameters of their own making; all that share their
    channels with one of these; and those without one of whose channels the network fails, such as attention,
    whose heads must stay equally wide. Raises NotFollowedError as `Channels` does.
    """
    network = copy.deepcopy(network).eval()
    whole = _by_themselves(network, inputs)
    for bound in Channels(network, inputs).bound:
        why = _bound_to(bound, whole, network)
        if why:
            whole = dict.fromkeys(bound.layers, why) | whole
    return whole | _failing(network, inputs, whole)


def answering_layers(network: TableNetwork, inputs: Inputs) -> set[nn.Module]:
    """The layers that make the scores: the first with weights on each way back through autograd's graph."""
    made: dict[Any, nn.Module] = {}

    def note(module: nn.Module, _: Any, output: Any) -> None:
        made.setdefault((output[0] if isinstance(output, tuple) else output).grad_fn, module)

    hooks = [module.register_forward_hook(note) for module in network.body.modules() if _has_weights(module)]
    ways = [network.scores(inputs).grad_fn]
    for hook in hooks:
        hook.remove()
    found: set[nn.Module] = set()
    seen: set[Any] = set()
    while ways:
        step = ways.pop()
        if step is None or step in seen:
            continue
        seen.add(step)
        if step in made:
            found.add(made[step])
        else:
            ways += [before for before, _ in step.next_functions]
    return found


def layer_and_class(network: TableNetwork, name: str) -> str:
    """A layer as people are told of it, such as `hidden.0 (Linear)`."""
    kind = type(network.body.get_submodule(name)).__name__
    return f"{name} ({kind})" if name else kind


def holds_raw_weights(layer: nn.Module) -> bool:
    """Whether a layer has weights of its own, and is of no class that torch-pruning knows."""
    return _has_weights(layer) and ops.module2type(layer) == ops.OPTYPE.ELEMENTWISE


def _has_weights(layer: nn.Module) -> bool:
    """One number, such as a temperature, is no weight: it belongs to no channel."""
    return any(p.numel() > 1 for p in layer.parameters(recurse=False))


def _by_themselves(network: TableNetwork, inputs: Inputs) -> dict[str, str]:
    answering = answering_layers(network, inputs)
    whole = {}
    for name, module in network.body.named_modules():
        if holds_raw_weights(module):
            whole[name] = RAW
        elif module in answering:
            whole[name] = ANSWERS
        elif isinstance(module, nn.Embedding):
            whole[name] = EMBEDDING
    return whole


def _bound_to(bound: Bound, whole: dict[str, str], network: TableNetwork) -> str | None:
    """Why layers bound together must stay whole: one of them must."""
    for name, why in whole.items():
        layer = network.body.get_submodule(name)
        own = [layer, *(layer.parameters(recurse=False) if why == RAW else ())]
        if any(member is mine for member in bound.members for mine in own):
            return why if why == ANSWERS else f"it shares its channels with {layer_and_class(network, name)}: {why}"
    return ANSWERS if any(isinstance(member, ops._OutputOp) for member in bound.members) else None


def _failing(network: TableNetwork, inputs: Inputs, whole: dict[str, str]) -> dict[str, str]:
    """The other layers that a network cannot run without one channel of."""
    names = [bound.name for bound in Channels(network, inputs).bound if not set(bound.layers) & set(whole)]
    if _failure(network, inputs, names) is None:
        return {}
    failing: dict[str, str] = {}
    for bound in Channels(network, inputs).bound:
        why = _failure(network, inputs, [bound.name]) if bound.name in names else None
        if why:
            failing |= dict.fromkeys(bound.layers, f"the network fails without one of its channels: {why}")
    return failing


def _failure(network: TableNetwork, inputs: Inputs, names: list[str]) -> str | None:
    """How a network fails when one channel leaves each of these layers; None where it runs."""
    trial, wanted = copy.deepcopy(network), network.scores(inputs).shape
    channels = Channels(trial, inputs)
    try:
        for bound in channels.bound:
            if bound.name in names:
                channels.remove(bound, torch.arange(float(bound.width)), bound.sets)
        found = trial.scores(inputs).shape
    except Exception as error:  # a network may fail in any way
        return " ".join(str(error).split())[:200]
    return None if found == wanted else f"its scores are {list(found)}, not {list(wanted)}"
