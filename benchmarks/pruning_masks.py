"""What pruning is worth to ONNX Runtime: masks over single weights against channels taken out, side by side in one run.

PYTHONPATH=src python benchmarks/pruning_masks.py

An MLP of three layers of 1,024 units and a small residual network for pictures, weights as drawn, on one thread.
Masks: `torch.nn.utils.prune`, the 90 % of all weights of least magnitude zero. Channels: as a run's `prune` takes them.
"""

import copy
import io

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import prune

from stillroom.compression.gate import open_session
from stillroom.compression.pruning.channels import Channels
from stillroom.compression.pruning.left_whole import left_whole
from stillroom.compression.pruning.narrow import narrowed
from stillroom.compression.pruning.settings import PruneConfig
from stillroom.compression.timing import time_models
from stillroom.training.quiet import quiet

MASKED = 0.9
RATIOS = (0.3, 0.5, 0.7)
TURNS, CALLS = 200, 5
CONFIG = PruneConfig.model_validate({"optimizer": {"_target_": "torch.optim.AdamW"}, "max_epochs": 1})


class Network(nn.Module):
    """A body as pruning takes it, without a table."""

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body

    def scores(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.body(inputs["x"])


class Block(nn.Module):
    """Two convolutions and a shortcut; half as high and wide."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.short = nn.Conv2d(channels, width, 1, stride=2, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.norms[0](self.first(x)))
        return functional.relu(self.norms[1](self.second(inner)) + self.norms[2](self.short(x)))


def mlp() -> tuple[nn.Module, Tensor]:
    layers = [nn.Linear(256, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(1024, 10)), torch.randn(2, 256)


def cnn() -> tuple[nn.Module, Tensor]:
    stem = [nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)]
    return nn.Sequential(*stem, Block(32, 64), Block(64, 128), *head), torch.randn(2, 3, 32, 32)


def masked(network: Network) -> Network:
    """Nine tenths of the weights zero, in tensors of the old size."""
    zeroed = copy.deepcopy(network)
    layers = [m for m in zeroed.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    prune.global_unstructured([(m, "weight") for m in layers], prune.L1Unstructured, amount=MASKED)
    for layer in layers:
        prune.remove(layer, "weight")
    return zeroed


def candidates(body: nn.Module, example: Tensor) -> dict[str, Network]:
    """The dense network, the masked one, and those with fewer channels."""
    network, inputs = Network(body).eval(), {"x": example}
    whole = left_whole(network, inputs)
    first_widths = {b.name: b.width for b in Channels(network, inputs).bound if not set(b.layers) & set(whole)}
    fewer = {
        f"{ratio:.0%} of the channels out": narrowed(
            network, inputs, CONFIG, ratio, first_widths=first_widths, loss=lambda _: torch.zeros(())
        )
        for ratio in RATIOS
    }
    return {"dense": network, f"{MASKED:.0%} of the weights masked": masked(network), **fewer}


def exported(network: Network, example: Tensor) -> onnx.ModelProto:
    """The body as ONNX, any number of rows in."""
    file = io.BytesIO()
    with quiet():
        program = torch.onnx.export(
            network.body, (example,), dynamo=True, dynamic_shapes=({0: "batch"},), input_names=["x"], verbose=False
        )
    assert program is not None
    program.save(file)
    return onnx.load_model_from_string(file.getvalue())


def main() -> None:
    """Prune, export, time in turns, print."""
    torch.manual_seed(0)
    for name, (body, example) in {"MLP": mlp(), "CNN": cnn()}.items():
        models = {kind: exported(network, example) for kind, network in candidates(body, example).items()}
        sessions = {kind: open_session(model) for kind, model in models.items()}
        feeds = {"x": np.random.default_rng(0).normal(size=(1, *example.shape[1:])).astype(np.float32)}
        timed = time_models(sessions, feeds, 1, TURNS, CALLS)
        for kind, model in models.items():
            size, faster = len(model.SerializeToString()) / 1000, timed["dense"].median_us / timed[kind].median_us
            print(
                f"{name}  {kind:<29}{size:>8,.0f} kB {timed[kind].median_us:>6,.0f} µs a row  {faster:5.2f} x",
                flush=True,
            )


if __name__ == "__main__":
    main()
