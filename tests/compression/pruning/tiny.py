"""What the tests of pruning share: a network over the small table, pruned as declared."""

from typing import Any

import onnx
import torch
from torch import Tensor, nn

from stillroom.compression.export import export
from stillroom.compression.pruning.loss import loss_on
from stillroom.compression.pruning.settings import PruneConfig
from stillroom.compression.pruning.sweep import Sweep
from stillroom.compression.pruning.trial import PruningTrial
from stillroom.models.network import Inputs, TableNetwork, example_inputs
from stillroom.table.encoding import Encoded, encode
from stillroom.table.signature import Signature
from stillroom.training.fit import Fitted, build_network
from training import small


def inputs(task: str) -> Inputs:
    return example_inputs(small.encoding(task), 4)


def rows(task: str) -> Encoded:
    return encode(small.table(task).lazy(), small.encoding(task))


def built(name: str, task: str, **changes: Any) -> TableNetwork:
    return build_network(small.model(name, **changes), small.encoding(task), seed=1)


def own(kind: type[nn.Module], task: str) -> TableNetwork:
    encoding = small.encoding(task)
    torch.manual_seed(1)
    return TableNetwork(kind(encoding.target.outputs), encoding)


def declared(**changes: Any) -> PruneConfig:
    adamw = {"_target_": "torch.optim.AdamW", "lr": 0.01}
    return PruneConfig.model_validate({"optimizer": adamw, "max_epochs": 1, "round_to": 1} | changes)


def untrained(network: TableNetwork, stage: str, epochs: int) -> Fitted:
    """In the place of fine-tuning where a test looks at what leaves."""
    return Fitted(network, [{"epoch": 0.0, "validation_rmse": 1.0}] * epochs)


def pruned(
    network: TableNetwork, fine_tune: Any = untrained, **changes: Any
) -> tuple[dict[str, TableNetwork], list[PruningTrial]]:
    def loss(trial: TableNetwork) -> Tensor:
        return loss_on(trial, rows(network.task))

    return Sweep(declared(**changes), inputs(network.task), fine_tune, loss).run(network)


def exported(network: TableNetwork, task: str) -> onnx.ModelProto:
    encoding = small.encoding(task)
    signature = Signature(table="small", task=task, target="target", inputs=[c.input for c in encoding.columns])
    return export(network, encoding, signature)


def weights(model: onnx.ModelProto) -> list[tuple[int, ...]]:
    """The shapes of an exported graph's matrices and kernels."""
    return [tuple(tensor.dims) for tensor in model.graph.initializer if len(tensor.dims) > 1]
