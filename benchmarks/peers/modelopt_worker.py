"""nvidia-modelopt's side, run by modelopt_cnn.py in modelopt's own environment, with Stillroom's networks on the path.

`prune PLAN` prunes a trained network by FastNAS. `quantise PLAN` quantises ONNX files to int8.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

Plan = dict[str, Any]
Inputs = dict[str, Tensor]
BATCH = 256


def batches(file: Path) -> Iterator[tuple[Inputs, Tensor]]:
    """A file's rows, batch by batch: the arrays of each kind of column, and the target."""
    arrays = {name: torch.from_numpy(values) for name, values in np.load(file).items()}
    target = arrays.pop("target")
    for start in range(0, len(target), BATCH):
        rows = slice(start, start + BATCH)
        yield {kind: values[rows] for kind, values in arrays.items()}, target[rows]


def accuracy(network: nn.Module, file: Path) -> float:
    """The share of rows whose class the network names, what FastNAS is to keep."""
    network.eval()
    right, rows = 0, 0
    with torch.inference_mode():
        for inputs, target in batches(file):
            answers = network(inputs)
            named = answers.argmax(dim=1) if answers.dim() > 1 else answers > 0.5
            right, rows = right + int((named == target).sum()), rows + len(target)
    return right / rows


def prune(plan: Plan) -> None:
    """FastNAS under a limit on the parameters, as modelopt's guide has it; widths stay multiples of the divisor."""
    import modelopt.torch.prune as mtp

    folder = Path(plan["folder"])
    network = torch.load(folder / "network.pt", weights_only=False)
    config = mtp.fastnas.FastNASConfig()
    for layer, rule in (
        ("Conv2d", "channel_divisor"),
        ("BatchNorm2d", "feature_divisor"),
        ("Linear", "feature_divisor"),
    ):
        config[f"nn.{layer}"]["*"][rule] = plan["divisor"]
    example, _ = next(batches(folder / "validation.npz"))
    pruned, _ = mtp.prune(
        network,
        mode=[("fastnas", config)],
        constraints={"params": plan["params"]},
        dummy_input=({kind: values[:2] for kind, values in example.items()}, {}),
        config={
            "data_loader": list(batches(folder / "train.npz")),
            "collect_func": lambda batch: (batch[0], {}),
            "score_func": lambda model: accuracy(model, folder / "validation.npz"),
        },
    )
    torch.save(pruned, folder / "pruned.pt")


def quantise(plan: Plan) -> None:
    """int8 of each ONNX file for a CPU: calibrated there, the rest in float32, weights stored as `dq_only` says."""
    from modelopt.onnx.quantization import quantize

    folder = Path(plan["folder"])
    calibration = dict(np.load(folder / "calibration.npz"))
    for source, target, dq_only in plan["files"]:
        quantize(
            str(folder / source),
            quantize_mode="int8",
            calibration_data=calibration,
            calibration_eps=["cpu"],
            high_precision_dtype="fp32",
            dq_only=dq_only,
            output_path=str(folder / target),
        )


if __name__ == "__main__":
    {"prune": prune, "quantise": quantise}[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
