"""What was tried, what it cost, and what became of it: the record of quantisation."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from stillroom.compression.quantisation.settings import Method

Outcome = Literal["made", "float32", "failed"]


class Sensitivity(BaseModel):
    """What int8 in one operator alone does to the predictions on the validation rows.

    ``loss`` is that of the primary metric; the changes are absolute, in the unit of the predictions.
    """

    model_config = ConfigDict(frozen=True)

    operator: str
    loss: float
    largest_change: float
    mean_change: float


class QuantisationTrial(BaseModel):
    """One float32 model quantised one way.

    ``outcome`` is `made`, `float32` where no int8 was worth it, or `failed`; ``reason`` says of the latter two why.
    ``score`` and ``loss`` are of the validation rows, with ``excluded`` in float; with every operator in int8 where
    all of them would have to be excluded. ``largest_difference`` is of the predictions from float32's, on the parity
    rows. ``sensitivities`` come most sensitive first, and only where the loss called for them.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    source: str
    method: Method
    outcome: Outcome
    reason: str | None = None
    score: float | None = None
    loss: float | None = None
    largest_difference: float | None = None
    size_kb: float | None = None
    per_channel: bool = False
    operators: list[str] = []
    excluded: list[str] = []
    sensitivities: list[Sensitivity] = []

    @property
    def told(self) -> str:
        """The outcome in a sentence."""
        if self.outcome == "failed":
            return f"could not be made: {self.reason}"
        if self.outcome == "float32":
            return f"stays float32: {self.reason}"
        if self.excluded:
            return f"made, with {len(self.excluded)} of {len(self.operators)} operators in float"
        return "made"


class Reference(BaseModel):
    """A float32 model, with which its int8 models are compared: its score on the validation rows, and its size."""

    model_config = ConfigDict(frozen=True)

    name: str
    score: float
    size_kb: float


class QuantisationTrials(BaseModel):
    """All trials of one run, the float32 models they began with, and the loss that was allowed on how many rows."""

    model_config = ConfigDict(frozen=True)

    metric: str
    max_loss: float | None
    validation_rows: int
    references: list[Reference]
    trials: list[QuantisationTrial]

    @property
    def differences(self) -> dict[str, float]:
        """Int8 model -> the largest difference of its predictions from float32's."""
        return {t.name: t.largest_difference for t in self.trials if t.largest_difference is not None}

    @property
    def not_made(self) -> dict[str, str]:
        """Trial -> why there is no int8 model of it."""
        return {t.name: t.told for t in self.trials if t.outcome != "made"}
