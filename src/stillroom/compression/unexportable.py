"""Which layer of a network keeps it from being exported."""

from typing import Any

import torch
from torch import nn

from stillroom.training.quiet import quiet

Call = tuple[tuple[Any, ...], dict[str, Any]]


def culprit(network: nn.Module, arguments: tuple[Any, ...]) -> str:
    """The innermost layer that cannot be exported by itself, as `its.name (ItsClass)`; the network where all can."""
    calls = _calls(network, arguments)
    name, layer = "", network
    while inner := _failing_child(name, layer, calls):
        name, layer = inner
    return f"{name or 'the network'} ({type(layer).__name__})"


def _calls(network: nn.Module, arguments: tuple[Any, ...]) -> dict[str, Call]:
    """What each layer is first called with."""
    calls: dict[str, Call] = {}
    hooks = [
        layer.register_forward_pre_hook(
            lambda _, args, kwargs, name=name: calls.setdefault(name, (args, kwargs)) and None, with_kwargs=True
        )
        for name, layer in network.named_modules()
    ]
    try:
        with torch.no_grad():
            network(*arguments)
    finally:
        for hook in hooks:
            hook.remove()
    return calls


def _failing_child(name: str, layer: nn.Module, calls: dict[str, Call]) -> tuple[str, nn.Module] | None:
    for own, child in layer.named_children():
        full = f"{name}.{own}" if name else own
        if full in calls and not _exports(child, *calls[full]):
            return full, child
    return None


def _exports(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    try:
        with quiet():
            torch.onnx.export(layer, args, kwargs=kwargs, dynamo=True, verbose=False)
    except Exception:  # the exporter has many kinds of its own
        return False
    return True
