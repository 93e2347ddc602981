"""What a user can afford, and what a million predictions cost at a declared price."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stillroom.resources.cost import CostConfig
from stillroom.runtime.session import CPU, known_providers
from stillroom.table.spec import Declared

Provider = Annotated[str, AfterValidator(lambda name: known_providers([name])[0])]
Objective = Literal["quality", "latency", "batch_latency", "size", "cost"]


class BudgetConfig(Declared):
    """What the user can afford, and what to optimise among the candidates that fit.

    Limits (None: no limit): size of the file in kB; median latency in µs of ONNX Runtime, one thread, of one row and of
    a batch of ``batch_size`` rows; cost of a million predictions made in such batches; and the loss of the primary
    metric against the best candidate (of the metric's own unit for scores such as ROC AUC; relative for RMSE).
    ``cost`` holds the prices, of which those of a core count here. ``provider`` is the ONNX Runtime execution provider
    that candidates are measured on; where it is not there, the CPU's.
    """

    max_size_kb: float | None = Field(default=None, gt=0)
    max_latency_us: float | None = Field(default=None, gt=0)
    max_batch_latency_us: float | None = Field(default=None, gt=0)
    max_cost_per_million: float | None = Field(default=None, gt=0)
    max_quality_loss: float | None = Field(default=None, ge=0)
    optimise: Objective = "quality"
    batch_size: int = Field(default=1000, gt=0)
    cost: CostConfig = CostConfig()
    provider: Provider = CPU

    def cost_per_million(self, latency_us: float, rows: int) -> float:
        """What a million predictions cost in batches of `rows` that take `latency_us` of one core."""
        return self.cost.of(cpu_s=latency_us / rows)  # µs a row are seconds a million rows

    @property
    def longest_batch_us(self) -> float | None:
        """The latency of the declared batch beyond which some limit, that of the cost too, is broken."""
        limits = [self.max_batch_latency_us]
        if self.max_cost_per_million is not None:
            limits.append(self.max_cost_per_million / self.cost_per_million(1, self.batch_size))
        if self.batch_size == 1:
            limits.append(self.max_latency_us)
        return min((limit for limit in limits if limit is not None), default=None)
