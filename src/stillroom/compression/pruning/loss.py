"""The loss of a network on rows, from which the importance `taylor` is worked out."""

from torch import Tensor

from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoded
from stillroom.training.data import TableData
from stillroom.training.module import loss_of


def loss_on(network: TableNetwork, encoded: Encoded) -> Tensor:
    """The mean loss of a network on encoded rows, against their hard target."""
    rows = TableData(encoded).rows
    target = (rows.target - network.mean) / network.scale if network.task == "regression" else rows.target
    return loss_of(network.task, network.scores(rows.inputs), target)
