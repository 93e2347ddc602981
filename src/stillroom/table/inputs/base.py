"""What every kind of input can do, and how a value that does not fit is told."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from stillroom.table.spec import Declared


class MisfitError(ValueError):
    """A value that does not fit its column; the message names row and column, what was expected and what found."""

    def __init__(self, row: int, column: str, problem: str) -> None:
        super().__init__(f"rows[{row}], column {column}: {problem}")
        self.row, self.column, self.problem = row, column, problem


class Input(Declared, ABC):
    """One raw column of a model: how its values are read, described and profiled.

    ``types`` are those that a JSON value may be of, which ``expected`` says in words; ``arrow`` the families of types
    that a column of an Arrow table may be of; ``dtype`` what a tensor of raw values holds, objects being texts.
    ``scalar`` is whether a raw value is one number or one text; ``packages`` are what only this kind needs installed.
    """

    types: ClassVar[frozenset[type]]
    expected: ClassVar[str]
    arrow: ClassVar[tuple[str, ...]]
    dtype: ClassVar[type[np.generic]] = np.object_
    scalar: ClassVar[bool] = True
    packages: ClassVar[frozenset[str]] = frozenset()
    name: str

    @classmethod
    @abstractmethod
    def decode(cls, inputs: Sequence[Self], values: np.ndarray) -> dict[str, np.ndarray]:
        """All inputs of this kind from JSON values of the right types, as the graph takes them.

        ``values`` are objects [inputs, rows]; one array for all is quicker than one a column. Raises MisfitError.
        """

    @classmethod
    def check(cls, inputs: Sequence[Self], values: np.ndarray) -> None:
        """Raise MisfitError for the first of the objects [inputs, rows] that is of a wrong type."""
        if cls.types.issuperset(map(type, values.ravel().tolist())):
            return
        wrong = (at for at, value in np.ndenumerate(values.T) if type(value) not in cls.types)
        row, index = next(wrong)
        problem = f"expected {cls.expected}, found {found(values[index, row])}"
        raise MisfitError(row, inputs[index].name, problem)

    def column(self, values: Sequence[Any] | np.ndarray) -> np.ndarray:
        """One column [rows] of a request, by the same rules; raises MisfitError."""
        listed = values.tolist() if isinstance(values, np.ndarray) else values
        table = np.fromiter(listed, object, len(listed)).reshape(1, -1)
        self.check([self], table)
        return self.decode([self], table)[self.name]

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> list[Any]:
        """Fields of CSV as JSON values: an empty one is missing."""
        return [text or None for text in texts]

    @abstractmethod
    def array(self, values: np.ndarray) -> np.ndarray:
        """A table's column [rows], None and NaN missing, as the graph takes it: the first axis is the rows."""

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of one value."""

    @abstractmethod
    def profiled(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The columns of a profile that tell of this one, from the array that the graph took."""


def category_text(value: Any) -> str:
    """A category as the model knows it: None and NaN are "", booleans are spelled as in JSON."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def found(value: Any) -> str:
    """A JSON value as an error names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {category_text(value)}"
    if isinstance(value, int | float):
        return f"the number {value:g}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    kind = "object" if isinstance(value, dict) else "list"
    return f"a non-empty {kind}" if value else f"an empty {kind}"


def quoted(text: str, longest: int = 40) -> str:
    """A text in quotes, cut where it is long."""
    return f'"{text}"' if len(text) <= longest else f'"{text[:longest]}…"'
