"""What a column may look like on its way into a profile."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

_LARGEST_INTEGER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Values:
    """The values that are there, in any order, of a column of which ``missing`` rows hold none.

    For whoever has integers, booleans or dates with nulls, which an array alone cannot hold. ``array`` is of floats,
    integers, booleans or dates; a NaN in it is a missing value too.
    """

    array: np.ndarray
    missing: int = 0

    def __post_init__(self) -> None:
        if self.missing < 0:
            raise ValueError(f"Values: {self.missing} missing rows; give 0 or more")

    def __len__(self) -> int:
        """The number of rows, missing ones too."""
        return len(self.array) + self.missing


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


# An array of floats (NaN is missing), integers, booleans, dates (NaT is missing), or of str and None.
Column: TypeAlias = np.ndarray | Values | Counts


def checked(name: str, column: Column) -> Values | Counts:
    """The column as floats, int64, booleans, dates or counts; raises TypeError or ValueError naming the column."""
    if isinstance(column, Counts):
        return column
    if isinstance(column, np.ndarray):
        column = Values(column)
    array = column.array
    if array.ndim != 1:
        raise ValueError(f"column {name}: an array of shape {array.shape}; give one dimension, one value a row")
    match array.dtype.kind:
        case "f" | "b":
            return column
        case "i" | "u":
            return Values(_signed(name, array), column.missing)
        case "M" | "m":
            known = array[~np.isnat(array)]
            return Values(known, len(column) - len(known))
        case "O" | "U" | "T":
            counted = count_values(name, array)
            return Counts(counted.values, counted.counts, counted.missing + column.missing)
    raise TypeError(
        f"column {name}: dtype {array.dtype} cannot be profiled; give floats, integers, booleans, dates or strings"
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


def _signed(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint64 and len(array) and array.max() > _LARGEST_INTEGER:
        raise ValueError(f"column {name}: {array.max()} is beyond a signed 64-bit integer; give floats or strings")
    return array.astype(np.int64, copy=False)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
