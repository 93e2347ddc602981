"""What a column may look like on its way into a profile."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np


@dataclass(frozen=True)
class Counts:
    """A string column given as value counts; ``missing`` rows hold no value.

    An empty string is a value like any other: count a missing string in ``missing``.
    """

    values: list[str]
    counts: list[int]
    missing: int = 0

    def __post_init__(self) -> None:
        if len(self.values) != len(self.counts):
            raise ValueError(f"Counts: {len(self.values)} values but {len(self.counts)} counts; give one count a value")
        if self.missing < 0 or any(count < 1 for count in self.counts):
            raise ValueError("Counts: a value's count must be at least 1, and missing at least 0")

    def __len__(self) -> int:
        """The number of rows, missing ones too."""
        return sum(self.counts) + self.missing


# An array of floats (NaN is missing), of integers, of booleans, or of str and None (object or str dtype).
Column: TypeAlias = np.ndarray | Counts


def checked(name: str, column: Column) -> Column:
    """The column as floats, int64, booleans or ``Counts``; raises TypeError or ValueError naming the column."""
    if isinstance(column, Counts):
        return column
    if column.ndim != 1:
        raise ValueError(f"column {name}: an array of shape {column.shape}; give one dimension, one value a row")
    match column.dtype.kind:
        case "f":
            return np.ascontiguousarray(column, dtype=np.float64)
        case "i" | "u":
            return np.ascontiguousarray(column, dtype=np.int64)
        case "b":
            return column
        case "O" | "U" | "T":
            return count_values(name, column)
    raise TypeError(
        f"column {name}: dtype {column.dtype} cannot be profiled; give floats, integers, booleans or strings"
    )


def count_values(name: str, column: np.ndarray) -> Counts:
    """Value counts of an array of str, None and NaN (both missing); raises TypeError on anything else."""
    counted: Counter[Any] = Counter(column.tolist())
    missing = sum(counted.pop(value) for value in [v for v in counted if _is_missing(v)])
    strange = next((value for value in counted if not isinstance(value, str)), None)
    if strange is not None:
        raise TypeError(
            f"column {name}: an object array holds strings and None, but {type(strange).__name__} was found; "
            "give numbers as an array of numbers"
        )
    return Counts(list(counted), list(counted.values()), missing)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
