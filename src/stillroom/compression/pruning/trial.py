"""What became of each attempt to make a network smaller, for the run's report."""

from pydantic import BaseModel, ConfigDict
from torch.utils.flop_counter import FlopCounterMode

from stillroom.models.network import Inputs, TableNetwork


class Cost(BaseModel):
    """What a network takes: its parameters, and its multiply-accumulates a row."""

    model_config = ConfigDict(frozen=True)

    parameters: int
    macs: int

    @classmethod
    def of(cls, network: TableNetwork, inputs: Inputs) -> "Cost":
        """Count the products of matrices and convolutions as torch runs them, whatever layers they come from."""
        counter = FlopCounterMode(display=False)
        with counter:
            network.eval().scores(inputs)
        rows = next(iter(inputs.values())).shape[0]
        return cls(
            parameters=sum(p.numel() for p in network.parameters()), macs=counter.get_total_flops() // (2 * rows)
        )


class PruningTrial(BaseModel):
    """One candidate by pruning, or the attempt at one.

    ``of`` is the network it was made from, ``ratio`` the share of a layer's channels, or of the members, that were to
    leave; ``members`` are those kept. ``left_whole`` says by layer why none of its channels may leave, ``not_made`` why
    there is no candidate. ``history`` is the last fine-tuning's, one entry an epoch.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    of: str
    ratio: float
    before: Cost
    after: Cost
    left_whole: dict[str, str] = {}
    members: list[int] = []
    history: list[dict[str, float]] = []
    not_made: str | None = None


class PruningTrials(BaseModel):
    """All attempts of one run."""

    model_config = ConfigDict(frozen=True)

    trials: list[PruningTrial]

    @property
    def not_made(self) -> dict[str, str]:
        """The candidates that there are not, and why."""
        return {trial.name: trial.not_made for trial in self.trials if trial.not_made}

    @property
    def histories(self) -> dict[str, list[dict[str, float]]]:
        """The fine-tunings by candidate."""
        return {trial.name: trial.history for trial in self.trials if trial.history}

    @property
    def left_whole(self) -> dict[str, str]:
        """The layers of which no channel could leave, and why."""
        return {layer: why for trial in self.trials for layer, why in trial.left_whole.items()}
