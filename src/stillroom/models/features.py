"""What a network is told about its inputs."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Features:
    """The inputs of a table network, the first argument of every network's constructor.

    Args:
        numeric: how many numeric inputs; the missing-value flags come last among them.
        cardinalities: the number of codes of each categorical column.
        bins: the rising edges, on the standardised scale, of the first ``len(bins)`` numeric inputs.
    """

    numeric: int
    cardinalities: list[int] = field(default_factory=list)
    bins: list[list[float]] = field(default_factory=list)
