"""The figures that a sweep optimises, and which way."""

from collections.abc import Mapping
from typing import NamedTuple

from stillroom.sweeps.settings import Direction, SweepConfig
from stillroom.table.errors import InputError
from stillroom.table.metrics import MAIN_METRIC
from stillroom.table.spec import Task

MAIN = "main"
KNOWN: dict[str, Direction] = {
    **dict.fromkeys(["roc_auc", "average_precision", "accuracy", "macro_f1", "r2"], "maximize"),
    **dict.fromkeys(["rmse", "mae", "log_loss", "calibration_error"], "minimize"),
    **dict.fromkeys(["size_kb", "latency_us", "batch_latency_us", "cost_per_million"], "minimize"),
}


class Metric(NamedTuple):
    """A figure of a catalog entry."""

    entry: str
    figure: str
    direction: Direction

    @property
    def name(self) -> str:
        """`entry.figure`."""
        return f"{self.entry}.{self.figure}"

    def loss(self, figures: Mapping[str, float]) -> float:
        """Less is better, whatever the direction."""
        value = figures[self.name]
        return -value if self.direction == "maximize" else value


def declared_metrics(config: SweepConfig, task: Task) -> list[Metric]:
    """The declared metrics, for a table of this task. Raises InputError where a direction is not known."""
    given = [
        (metric, None) if isinstance(metric, str) else (metric.name, metric.direction) for metric in config.metrics
    ]
    return [_metric(name, direction, task) for name, direction in given]


def _metric(name: str, direction: Direction | None, task: Task) -> Metric:
    entry, dot, figure = name.partition(".")
    if not dot:
        raise InputError(f"sweep.metrics: {name}: write entry.figure, such as validation.{MAIN}")
    figure = MAIN_METRIC[task] if figure == MAIN else figure
    found = direction or KNOWN.get(figure)
    if found is None:
        raise InputError(
            f"sweep.metrics: {name}: the direction of {figure} is not known; the figures with one are "
            f"{MAIN}, {', '.join(KNOWN)}; say {{name: {name}, direction: minimize}} of another"
        )
    return Metric(entry, figure, found)
