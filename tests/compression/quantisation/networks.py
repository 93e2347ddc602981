"""Small exported networks, and the rows they are quantised on."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import onnx
import torch

from stillroom.compression.export import export
from stillroom.compression.gate import open_session
from stillroom.compression.measure import predict
from stillroom.compression.quantisation.candidates import QuantisationRows
from stillroom.compression.quantisation.settings import Method, QuantiseConfig
from stillroom.models.network import TableNetwork
from stillroom.table.encoding import feeds
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network
from training import small

METHODS: list[Method] = ["dynamic", "static_qdq", "static_qoperator"]
ENCODING = small.encoding("binary")
CALIBRATION = feeds(small.table("binary", 300), ENCODING)
VALIDATION = feeds(small.table("binary", 200, seed=3), ENCODING)
PARITY = feeds(small.table("binary", 50, seed=4), ENCODING)


def config(**changes: Any) -> QuantiseConfig:
    return QuantiseConfig.model_validate({"methods": METHODS, "max_loss": None} | changes)


@cache
def exported(
    name: str, widths: tuple[int, ...] = (64, 64), change: Callable[[TableNetwork], None] | None = None
) -> onnx.ModelProto:
    """An untrained network as a candidate; `change` is made to its weights before."""
    wide = {"widths": list(widths)} if name == "mlp" else {"width": widths[0]}
    network = build_network(small.model(name, **wide), ENCODING, seed=1)
    with torch.no_grad():
        if change is not None:
            change(network)
    inputs = [column.input for column in ENCODING.columns]
    return export(
        network, ENCODING, Signature(table="small", task="binary", target="target", candidate=name, inputs=inputs)
    )


def rows(model: onnx.ModelProto) -> QuantisationRows:
    """Rows whose target is what the float32 model says, so that its ROC AUC is 1 and any other order loses."""
    answers = predict(open_session(model), VALIDATION)
    return QuantisationRows(CALIBRATION, VALIDATION, (answers > np.median(answers)).astype(float), PARITY)


def with_an_outlier(network: TableNetwork) -> None:
    """The second hidden layer gets weights of 1000 for a unit that is never active: int8 loses all its others."""
    first, second = network.body.hidden[0], network.body.hidden[3]
    first.weight[0], first.bias[0] = 0, -1
    second.weight[:, 0] = 1000


def with_outliers(network: TableNetwork) -> None:
    """Every layer gets such weights."""
    with_an_outlier(network)
    first, second, head = network.body.hidden[0], network.body.hidden[3], network.body.head
    first.weight[0], first.bias[0] = 1000, -1e6
    second.weight[1], second.bias[1] = 0, -1
    head.weight[:, 1] = 1000
