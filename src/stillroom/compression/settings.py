"""What may be declared of compression and of the budget, and the defaults."""

from pydantic import Field

from stillroom.compression.augmentation.settings import AugmentConfig
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.champion import GateConfig
from stillroom.compression.distil import StudentConfig
from stillroom.compression.folds import OutOfFoldConfig
from stillroom.compression.pruning.settings import PruneConfig
from stillroom.compression.quantisation.settings import QuantiseConfig
from stillroom.integrity.settings import SigningConfig
from stillroom.table.spec import Declared
from stillroom.training.trees import TreesConfig


class CompressConfig(Declared):
    """From teacher to candidates.

    ``augment`` adds synthetic rows to what the student learns from (null: none), which helps small tables.
    ``parity_rows`` are the real rows on which every export is compared with torch; a float32 prediction may differ
    by ``parity_tolerance``, of a regression in units of its target's spread.
    """

    out_of_fold: OutOfFoldConfig
    augment: AugmentConfig | None = None
    student: StudentConfig
    prune: PruneConfig
    quantise: QuantiseConfig
    parity_rows: int = Field(default=20_000, gt=0)
    parity_tolerance: float = Field(default=1e-4, gt=0)


class ReleaseConfig(Declared):
    """How candidates are measured and the challenger judged. ``rounds`` are timed calls of each at batch 1.

    ``edge`` is the budget of the file for small devices and browsers, whose size is that of the file in ORT format.
    ``parity_rows`` test rows and their predictions are kept beside the model, for services to try it before it answers
    requests; 0 keeps none, for rows that must not travel.
    """

    rounds: int = Field(default=1000, gt=0)
    gate: GateConfig = GateConfig()
    yardstick: TreesConfig = TreesConfig()
    edge: BudgetConfig = BudgetConfig(max_quality_loss=0.01, optimise="size")
    parity_rows: int = Field(default=8, ge=0)
    signing: SigningConfig = SigningConfig()
