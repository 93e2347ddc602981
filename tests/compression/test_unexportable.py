"""The layer that keeps a network from being exported is named."""

import pytest
import torch
from torch import Tensor, nn

from stillroom.compression.export import export
from stillroom.compression.unexportable import culprit
from stillroom.models.fronts import features_of
from stillroom.models.network import TableNetwork
from stillroom.table.errors import InputError
from stillroom.table.signature import Signature
from training import small


class Branching(nn.Module):
    """Decides by its values, which no graph can follow."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum().item() > 0 else -x


class Net(nn.Module):
    def __init__(self, width: int, middle: nn.Module):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, 8), nn.Sequential(nn.ReLU(), middle), nn.Linear(8, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def test_the_innermost_layer_that_fails_is_found() -> None:
    assert culprit(Net(3, Branching()), (torch.ones(3, 3),)) == "layers.1.1 (Branching)"


def test_where_every_layer_can_be_exported_it_is_the_network() -> None:
    assert culprit(Net(3, nn.Tanh()), (torch.ones(3, 3),)) == "the network (Net)"


def test_the_export_says_so_in_one_sentence() -> None:
    encoding = small.encoding("binary")
    body = Net(features_of(encoding).width, Branching())
    signature = Signature(table="t", task="binary", target="target", inputs=[c.input for c in encoding.columns])
    with pytest.raises(InputError, match=r"body\.layers\.1\.1 \(Branching\) cannot be exported to ONNX"):
        export(TableNetwork(body, encoding), encoding, signature)
