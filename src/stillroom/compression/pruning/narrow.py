"""Structured pruning: whole channels and units leave a network, so that the exported graph is truly smaller."""

import copy
import math
from collections.abc import Callable
from fnmatch import fnmatchcase

from torch import Tensor
from torch_pruning import importance

from stillroom.compression.pruning.channels import Bound, Channels
from stillroom.compression.pruning.settings import Importance, PruneConfig
from stillroom.compression.pruning.widths import Layer, widths
from stillroom.models.network import Inputs, TableNetwork
from stillroom.table.errors import InputError
from stillroom.training.settings import Target

IMPORTANCES: dict[Importance, Callable[[], importance.Importance]] = {
    "magnitude_l1": lambda: importance.GroupMagnitudeImportance(p=1),
    "magnitude_l2": lambda: importance.GroupMagnitudeImportance(p=2),
    "lamp": importance.LAMPImportance,
    "fpgm": importance.FPGMImportance,
    "taylor": importance.GroupTaylorImportance,
    "random": importance.RandomImportance,
}


def narrowed(
    network: TableNetwork,
    inputs: Inputs,
    config: PruneConfig,
    ratio: float,
    *,
    first_widths: dict[str, int],
    loss: Callable[[TableNetwork], Tensor],
) -> TableNetwork:
    """A copy of a network of whose first channels a share `ratio` is gone.

    Args:
        inputs: a few rows, which are run through the network to follow its layers.
        first_widths: how wide the layers that may be pruned were at first, by the first of those bound together.
        loss: of a network on some training rows; asked for by the importance `taylor` alone.

    Raises InputError where the declared layers are not there, and where the pruned network fails.
    """
    network = copy.deepcopy(network).eval()
    wanted = network.scores(inputs).shape
    if config.importance == "taylor":
        network.zero_grad()
        loss(network).backward()
    try:
        _remove(Channels(network, inputs), config, ratio, first_widths)
        found = network.scores(inputs).shape
    except InputError:
        raise
    except Exception as error:  # a network may fail in any way
        raise _failure(network, ratio, " ".join(str(error).split())[:200]) from error
    if found != wanted:
        raise _failure(network, ratio, f"its scores are {list(found)}, not {list(wanted)}")
    network.zero_grad()
    return network


def _remove(channels: Channels, config: PruneConfig, ratio: float, first_widths: dict[str, int]) -> None:
    """Plan all layers' widths, then remove the channels beyond them."""
    weigh = _importance(config.importance)
    layers = {bound.name: bound for bound in channels.bound if bound.name in first_widths}
    own = _own_ratios(layers, config.layers)
    plan = {
        name: Layer(first_widths[name], weigh(bound), math.lcm(config.round_to, bound.sets), own.get(name))
        for name, bound in layers.items()
    }
    for name, width in widths(plan, ratio, config.scope).items():
        leaving = layers[name].width - width
        if leaving > 0:
            channels.remove(layers[name], plan[name].importance, leaving)


def _importance(declared: Importance | Target) -> Callable[[Bound], Tensor]:
    """What weighs the channels of layers that are bound together, [width].

    Raises InputError where a class of the user's own answers otherwise.
    """
    if not isinstance(declared, Target):
        named = IMPORTANCES[declared]()
        return lambda bound: named(bound.group)
    own = declared.build()

    def weigh(bound: Bound) -> Tensor:
        found = own(bound.group)
        if getattr(found, "shape", None) != (bound.width,):
            shape = list(getattr(found, "shape", [])) or type(found).__name__
            raise InputError(
                f"compress.prune.importance: {declared.path} answers {shape} for the {bound.width} channels of "
                f"{bound.name}; it must answer a tensor [{bound.width}]"
            )
        return found

    return weigh


def _own_ratios(layers: dict[str, Bound], declared: dict[str, float]) -> dict[str, float]:
    """The declared ratios by the first of the layers bound together. Raises InputError for a pattern of none."""
    own: dict[str, float] = {}
    for pattern, ratio in declared.items():
        matched = [n for n, bound in layers.items() if any(fnmatchcase(layer, pattern) for layer in bound.layers)]
        if not matched:
            choices = ", ".join(layer for bound in layers.values() for layer in bound.layers) or "none"
            raise InputError(
                f"compress.prune.layers: {pattern} is the name of no layer that can be pruned; "
                f"the choices are {choices}"
            )
        own = dict.fromkeys(matched, ratio) | own
    return own


def _failure(network: TableNetwork, ratio: float, problem: str) -> InputError:
    return InputError(
        f"{type(network.body).__name__} fails when it is pruned at ratio {ratio:g}: {problem}; leave layers whole by "
        "compress.prune.layers, such as {head: 0}, or set compress.prune.ratios to []"
    )
