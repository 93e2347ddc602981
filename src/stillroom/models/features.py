"""What a network is told about its inputs."""

from dataclasses import dataclass, field
from math import prod


@dataclass(frozen=True)
class Features:
    """The inputs of a table network, which a network's constructor gets as `features` where it takes that.

    Args:
        numeric: how many numeric inputs; the missing-value flags come last among them.
        cardinalities: the number of codes of each categorical column.
        image: channels, height and width of the pictures, where there are any.
        bins: the rising edges, on the standardised scale, of the first ``len(bins)`` numeric inputs.
    """

    numeric: int = 0
    cardinalities: list[int] = field(default_factory=list)
    bins: list[list[float]] = field(default_factory=list)
    image: tuple[int, int, int] | None = None

    @property
    def width(self) -> int:
        """How many numbers a row is when all inputs stand side by side, categories one-hot."""
        return self.numeric + sum(self.cardinalities) + (prod(self.image) if self.image else 0)
