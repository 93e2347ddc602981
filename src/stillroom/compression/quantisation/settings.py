"""What may be declared of quantisation."""

from typing import Literal, Self

from pydantic import Field

from stillroom.table.spec import Declared

Method = Literal["dynamic", "static_qdq", "static_qoperator"]
Calibration = Literal["auto", "minmax", "entropy", "percentile"]


class QuantiseConfig(Declared):
    """Quantisation to int8: the ways tried, how they are calibrated, and the loss they are allowed.

    ``candidates`` says whether the teacher is quantised too. ``max_loss`` is the loss of the primary metric against
    float32 on (at most) ``validation_rows`` rows of the validation split: of the metric's own unit for scores such as
    ROC AUC, relative for RMSE; None allows any. ``calibration`` sets the ranges of static quantisation from
    ``calibration_rows`` training rows; ``per_channel`` gives each output channel of a weight a scale of its own. Both
    are `auto` by default: of networks with convolutions minmax and per channel, of others percentile and per tensor.
    ``reduce_range`` leaves a bit of the weights unused, for processors without VNNI, whose 16-bit sums overflow.
    """

    methods: list[Method]
    candidates: Literal["students", "all"] = "students"
    max_loss: float | None = Field(default=0.002, ge=0)
    validation_rows: int = Field(default=10_000, gt=0)
    calibration_rows: int = Field(default=2048, gt=0)
    calibration: Calibration = "auto"
    per_channel: Literal["auto"] | bool = "auto"
    reduce_range: bool = False

    def within(self, budget_loss: float | None) -> Self:
        """The same with the stricter of `max_loss` and the budget's `max_quality_loss` (None: no limit).

        The budget's is against the best candidate on the test split, this one against the model's own float32 on
        validation rows. What loses more than the budget against its own float32, which is no better than the best,
        would lose it against the best too, and could only be refused in the end.
        """
        limits = [limit for limit in (self.max_loss, budget_loss) if limit is not None]
        return self.model_copy(update={"max_loss": min(limits, default=None)})
