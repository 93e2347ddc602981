"""What may be declared of pruning, and the defaults."""

from itertools import chain
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Discriminator, Field, Tag, model_validator

from stillroom.compression.pruning.widths import Scope
from stillroom.training.settings import OptimizerConfig, Target

Importance = Literal["magnitude_l1", "magnitude_l2", "lamp", "fpgm", "taylor", "random"]


def _named_or_own(importance: Any) -> str:
    """Which of the two is meant, so that only what is wrong with that one is told."""
    return "named" if isinstance(importance, str) else "own"


AnyImportance = Annotated[
    Annotated[Importance, Tag("named")] | Annotated[Target, Tag("own")], Discriminator(_named_or_own)
]


class Stop(NamedTuple):
    """A ratio on the way, and whether the network is a candidate there."""

    ratio: float
    candidate: bool = True

    @property
    def name(self) -> str:
        """Such as `pruned_50`."""
        return f"pruned_{round(self.ratio * 100)}" + ("" if self.candidate else "_on_the_way")


class PruneConfig(OptimizerConfig):
    """Structured pruning of the student, one candidate a ratio, each trained on for ``max_epochs`` against the teacher.

    ``ratios`` are the shares of channels that leave; ``scope`` takes them of each layer, or of all layers together.
    ``importance`` says which leave first, by torch-pruning's names, or by a class of your own; `taylor` asks for the
    loss, of ``importance_rows`` training rows. ``layers`` gives layers, by patterns of their names, a ratio of their
    own; 0 leaves them whole. Widths stay multiples of ``round_to``.

    Each ratio is reached in ``steps``, with ``step_epochs`` of training in between; ``iterative`` goes on from the
    ratio before, rather than from the student.

    ``members`` prunes ensembles such as TabM, the teacher too, to so many of their members, one candidate each.
    """

    ratios: list[Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=list)
    importance: AnyImportance = "magnitude_l2"
    importance_rows: int = Field(default=2048, gt=0)
    scope: Scope = "layer"
    layers: dict[str, Annotated[float, Field(ge=0, lt=1)]] = Field(default_factory=dict)
    round_to: int = Field(default=8, gt=0)
    steps: int = Field(default=1, gt=0)
    step_epochs: int = Field(default=1, gt=0)
    iterative: bool = False
    max_epochs: int = Field(gt=0)
    members: list[Annotated[int, Field(gt=0)]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [Stop(ratio).name for ratio in self.ratios] + [f"members_{count}" for count in self.members]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"there would be two candidates {twice[0]}; ratios are told apart by whole percents")
        return self

    @property
    def paths(self) -> list[list[Stop]]:
        """The stops one after the other, each path beginning at the network as it was."""
        legs, start = [], 0.0
        for ratio in sorted(self.ratios):
            between = [start + (ratio - start) * step / self.steps for step in range(1, self.steps)]
            legs.append([*(Stop(r, candidate=False) for r in between), Stop(ratio)])
            start = ratio if self.iterative else 0.0
        return [list(chain(*legs))] if self.iterative and legs else legs
