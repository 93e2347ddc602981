"""A categorical input: text [rows, 1], "" where missing."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np

from stillroom.table.inputs.base import Input, category_text


class CategoricalInput(Input):
    """Takes text, and integers and booleans as their JSON text, since a category may be a code."""

    types: ClassVar[frozenset[type]] = frozenset({str, int, bool, type(None)})
    expected: ClassVar[str] = "text, an integer, a boolean or null"
    # A float is a category where all are missing; `decode` refuses any other by its row.
    arrow: ClassVar[tuple[str, ...]] = ("text", "integer", "floating", "boolean")
    kind: Literal["categorical"] = "categorical"

    @classmethod
    def decode(cls, inputs: Sequence[Self], values: np.ndarray) -> dict[str, np.ndarray]:
        """None is ""."""
        texts = [value if type(value) is str else category_text(value) for value in values.ravel().tolist()]
        table = np.fromiter(texts, object, len(texts)).reshape(*values.shape, 1)
        return dict(zip([each.name for each in inputs], table, strict=True))

    def array(self, values: np.ndarray) -> np.ndarray:
        """Text, "" where missing."""
        return np.array([category_text(value) for value in values.tolist()], dtype=object).reshape(-1, 1)

    def json_schema(self) -> dict[str, Any]:
        """Text or null."""
        return {"type": "string", "nullable": True, "description": self.expected}

    def profiled(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The texts themselves, None where missing."""
        texts = values.flatten()
        texts[texts == ""] = None
        return {self.name: texts}
