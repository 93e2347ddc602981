"""What may be declared of compression and of the budget, and the defaults."""

from typing import Literal

from pydantic import Field

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.champion import GateConfig
from stillroom.compression.pruning.settings import PruneConfig
from stillroom.compression.quantisation.settings import QuantiseConfig
from stillroom.integrity.settings import SigningConfig
from stillroom.table.spec import Declared
from stillroom.training.settings import ModelConfig, OptimizerConfig
from stillroom.training.trees import TreesConfig


class OutOfFoldConfig(Declared):
    """How the training rows get predictions of a teacher that has not seen them.

    ``by`` cuts the folds: `time` into consecutive blocks of whole days, `random` row by row, `auto` by time
    where the table has a time column. ``teachers`` are averaged: `network` is the declared model, `trees` LightGBM.
    """

    teachers: list[Literal["network", "trees"]] = Field(min_length=1)
    max_epochs: int = Field(gt=0)
    trees: TreesConfig = TreesConfig()
    folds: int = Field(default=4, ge=2)
    by: Literal["auto", "time", "random"] = "auto"


class StudentConfig(ModelConfig, OptimizerConfig):
    """The student: its network, how it is trained, and how much it listens to the teacher.

    ``soft_weight`` 1 learns from the teacher alone, 0 from the labels alone.
    """

    max_epochs: int = Field(gt=0)
    batch_size: int = Field(gt=0)
    patience: int = Field(gt=0)
    soft_weight: float = Field(default=1.0, ge=0, le=1)


class CompressConfig(Declared):
    """From teacher to candidates.

    ``parity_rows`` are the real rows on which every export is compared with torch; a float32 prediction may differ
    by ``parity_tolerance``, of a regression in units of its target's spread.
    """

    out_of_fold: OutOfFoldConfig
    student: StudentConfig
    prune: PruneConfig
    quantise: QuantiseConfig
    parity_rows: int = Field(default=20_000, gt=0)
    parity_tolerance: float = Field(default=1e-4, gt=0)


class ReleaseConfig(Declared):
    """How candidates are measured and the challenger judged. ``rounds`` are timed calls of each at batch 1.

    ``edge`` is the budget of the file for small devices and browsers, whose size is that of the file in ORT format.
    """

    rounds: int = Field(default=1000, gt=0)
    gate: GateConfig = GateConfig()
    yardstick: TreesConfig = TreesConfig()
    edge: BudgetConfig = BudgetConfig(max_quality_loss=0.005, optimise="size")
    signing: SigningConfig = SigningConfig()
