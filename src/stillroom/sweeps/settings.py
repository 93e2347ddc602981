"""What may be declared of a sweep: the group `sweep` of `conf`."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from stillroom.table.spec import Declared

Direction = Literal["maximize", "minimize"]


class MetricConfig(Declared):
    """A figure, as `entry.figure`, and which way it is better."""

    name: str
    direction: Direction


class SweepConfig(Declared):
    """What is optimised, by which pipelines, and how Optuna searches.

    ``metrics`` are figures of the catalog entries that `metadata: {figures: true}` marks, as `entry.figure`;
    `entry.main` is the one that the table's task is judged by. Several make a Pareto front. Those that Stillroom does
    not know need their direction beside them. The nodes that they need run, out of ``pipelines``. ``sampler`` and
    ``pruner`` are Optuna's, by `_target_`; ``trials`` counts all of a study, those before a kill too.
    Results go to ``folder``, and what nodes have made to ``cache``, which may be removed at any time.
    """

    metrics: list[str | MetricConfig] = Field(min_length=1)
    pipelines: list[str]
    trials: int = Field(default=20, ge=1)
    sampler: dict[str, Any]
    pruner: dict[str, Any] | None = None
    folder: Path
    cache: Path
