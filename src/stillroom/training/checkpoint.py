"""What is kept of a trained network: its declaration, its weights, its history."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import torch
from torch import Tensor

from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding, encode
from stillroom.training.fit import Fitted, Recipe, Rows, build_network, fit, predict
from stillroom.training.settings import ModelConfig, NetworkConfig
from stillroom.training.teachers.base import Teacher

FILE = "network.pt"


@dataclass(frozen=True)
class Checkpoint(Teacher):
    """A trained network as plain data: loading it runs no code but the declared network's own."""

    KIND = "network"

    model: NetworkConfig
    state: dict[str, Tensor]
    history: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def of(cls, fitted: Fitted, model: NetworkConfig) -> "Checkpoint":
        """Keep what a fit gave. The model is the declaration that the network was built from."""
        return cls(NetworkConfig(network=model.network), fitted.network.state_dict(), fitted.history)

    @classmethod
    def train(cls, model: ModelConfig, rows: Rows, recipe: Recipe) -> "Checkpoint":
        """Build the declared network and train it."""
        assert model.network is not None
        declared = NetworkConfig(network=model.network)
        return cls.of(fit(build_network(declared, rows.encoding, recipe.seed), rows, recipe), declared)

    def network(self, encoding: Encoding) -> TableNetwork:
        """The trained network, ready to predict."""
        network = build_network(self.model, encoding, seed=0)
        network.load_state_dict(self.state)
        return network.eval()

    def prepared(self, rows: pl.DataFrame, encoding: Encoding) -> Callable[[], np.ndarray]:
        network, encoded = self.network(encoding), encode(rows.lazy(), encoding)
        return lambda: predict(network, encoded)

    def files(self) -> dict[str, bytes]:
        kept = {"model": self.model.model_dump(by_alias=True), "state": self.state, "history": self.history}
        file = io.BytesIO()
        torch.save(kept, file)
        return {FILE: file.getvalue()}

    @classmethod
    def restored(cls, files: dict[str, bytes], trusted: Sequence[str] = ()) -> "Checkpoint":
        kept = torch.load(io.BytesIO(files[FILE]), weights_only=True)
        return cls(NetworkConfig.model_validate(kept["model"]), kept["state"], kept["history"])
