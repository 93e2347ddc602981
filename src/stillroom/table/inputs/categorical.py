"""A categorical input: text [rows, 1], "" where missing."""

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np

from stillroom.table.inputs.base import Input, Row, category_text, misfit

ALLOWED: set[type] = {str, int, bool, type(None)}
EXPECTED = "text, an integer, a boolean or null"


class CategoricalInput(Input):
    """Takes text, and integers and booleans as their JSON text, since a category may be a code."""

    kind: Literal["categorical"] = "categorical"

    @classmethod
    def decode(cls, inputs: Sequence[Self], rows: list[Row]) -> dict[str, np.ndarray]:
        """All texts at once, since one array is quicker than one a column."""
        names = [each.name for each in inputs]
        values = [row.get(name) for name in names for row in rows]
        types = set(map(type, values))
        if not ALLOWED.issuperset(types):
            raise misfit(inputs, rows, ALLOWED, EXPECTED)
        if types != {str}:
            values = [category_text(value) for value in values]
        return dict(zip(names, np.array(values, dtype=object).reshape(len(names), len(rows), 1), strict=True))

    def array(self, values: np.ndarray) -> np.ndarray:
        """Text, "" where missing."""
        return np.array([category_text(value) for value in values.tolist()], dtype=object).reshape(-1, 1)

    def json_schema(self) -> dict[str, Any]:
        """Text or null."""
        return {"type": "string", "nullable": True, "description": EXPECTED}

    def profiled(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The texts themselves, None where missing."""
        texts = values.flatten()
        texts[texts == ""] = None
        return {self.name: texts}
