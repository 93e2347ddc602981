"""What is kept of a trained network: its declaration, its weights, its history."""

from dataclasses import dataclass, field

from torch import Tensor

from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding
from stillroom.training.fit import Fitted, build_network
from stillroom.training.settings import ModelConfig


@dataclass(frozen=True)
class Checkpoint:
    """A trained network as plain data: loading it runs no code but the declared network's own."""

    model: ModelConfig
    state: dict[str, Tensor]
    history: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def of(cls, fitted: Fitted, model: ModelConfig) -> "Checkpoint":
        """Keep what a fit gave. The model is the declaration that the network was built from."""
        return cls(ModelConfig(network=model.network), fitted.network.state_dict(), fitted.history)

    def network(self, encoding: Encoding) -> TableNetwork:
        """The trained network, ready to predict."""
        network = build_network(self.model, encoding, seed=0)
        network.load_state_dict(self.state)
        return network.eval()
