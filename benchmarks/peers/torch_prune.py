"""`torch.nn.utils.prune` on the trained student, against what Stillroom made of the same student.

Usage: python benchmarks/peers/torch_prune.py [--params table=wine] [--rounds 1000]

Two ways, each trained on under its masks exactly as Stillroom's pruned student is, then made permanent and exported:
`l1_unstructured` masks 90 % of the single weights, `ln_structured` half of the rows of each weight (hidden units,
channels). Masks are zeros in tensors of the old size.
"""

import copy
from collections.abc import Callable

import onnx
from common import Run, arguments, exported, measured, open_run, report, train_on
from torch import nn
from torch.nn.utils import prune

SHARE_OF_WEIGHTS, SHARE_OF_ROWS = 0.9, 0.5

Mask = Callable[[nn.Module], object]


def hidden_layers(network: nn.Module, outputs: int) -> list[nn.Module]:
    """The layers whose units may go: linear and convolutional ones, the last linear one of the outputs' width left."""
    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    heads = [m for m in layers if isinstance(m, nn.Linear) and m.out_features == outputs]
    return [m for m in layers if m is not heads[-1]]


def masked(run: Run, name: str, mask: Mask) -> onnx.ModelProto:
    """The student with masked weights, trained on, its masks made permanent."""
    network = copy.deepcopy(run.student.network(run.encoding))
    layers = hidden_layers(network, run.encoding.target.outputs)
    for layer in layers:
        mask(layer)
    trained = train_on(run, network, name)
    for layer in hidden_layers(trained, run.encoding.target.outputs):
        prune.remove(layer, "weight")
    return exported(run, trained)


def peers(run: Run) -> dict[str, onnx.ModelProto]:
    """The two ways."""
    ways: dict[str, Mask] = {
        f"l1_unstructured {SHARE_OF_WEIGHTS:.0%}": lambda layer: prune.l1_unstructured(
            layer, "weight", amount=SHARE_OF_WEIGHTS
        ),
        f"ln_structured {SHARE_OF_ROWS:.0%}": lambda layer: prune.ln_structured(
            layer, "weight", amount=SHARE_OF_ROWS, n=2, dim=0
        ),
    }
    return {name: masked(run, name.replace(" ", "_").strip("%"), mask) for name, mask in ways.items()}


def main() -> None:
    """Mask, train on, measure side by side, print."""
    given = arguments(__doc__).parse_args()
    run = open_run(given.params)
    theirs = peers(run)
    rows = measured(run, {**run.candidates, **theirs}, given.rounds)
    report(run, [rows[name] for name in run.candidates], [rows[name] for name in theirs])


if __name__ == "__main__":
    main()
