"""The small tables that scikit-learn carries, so that a first try needs no file."""

import re
from typing import Any

import numpy as np
import polars as pl
import sklearn.datasets
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from stillroom.table.inputs.pictures import png

LOADERS = {
    "breast_cancer": sklearn.datasets.load_breast_cancer,
    "diabetes": sklearn.datasets.load_diabetes,
    "digits": sklearn.datasets.load_digits,
    "iris": sklearn.datasets.load_iris,
    "wine": sklearn.datasets.load_wine,
}


class BundledTableDataset(AbstractDataset[None, pl.LazyFrame]):
    """A table bundled with scikit-learn, its target in the column `target`; it can only be loaded.

    Args:
        name: `breast_cancer`, `diabetes`, `digits` (8 x 8 pictures in the column `picture`, as PNG), `iris` or `wine`.
    """

    def __init__(self, *, name: str, metadata: dict[str, Any] | None = None):
        if name not in LOADERS:
            raise ValueError(f"name: no bundled table {name!r}; the choices are {', '.join(LOADERS)}")
        self._name = name
        self.metadata = metadata

    def load(self) -> pl.LazyFrame:
        """The table, its column names in snake case."""
        if self._name == "digits":
            return _digits()
        frame = LOADERS[self._name](as_frame=True).frame
        columns = {c: frame[c].to_numpy() for c in frame.columns}
        return pl.DataFrame(columns).rename(_snake_case).lazy()

    def fingerprint(self) -> str:
        """The table is that of the installed scikit-learn."""
        return f"{self._name} of scikit-learn {sklearn.__version__}"

    def save(self, data: None) -> None:
        """Refused: the table belongs to scikit-learn."""
        raise ValueError(f"the bundled table {self._name} cannot be saved")

    def preview(self, nrows: int = 8) -> TablePreview:
        """The first rows, for Kedro-Viz."""
        rows = self.load().head(nrows).collect()
        data = [["picture" if isinstance(value, bytes) else value for value in row] for row in rows.rows()]
        return TablePreview({"index": list(range(rows.height)), "columns": rows.columns, "data": data})

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name}


def _digits() -> pl.LazyFrame:
    """Pictures of sixteen levels as such of 255."""
    digits = sklearn.datasets.load_digits()
    pictures = [png(np.rint(levels * (255 / 16)).astype(np.uint8)) for levels in digits.images]
    return pl.DataFrame({"picture": pictures, "target": digits.target.astype(str)}).lazy()


def _snake_case(name: str) -> str:
    """`sepal length (cm)` as sepal_length_cm, `od280/od315` as od280_per_od315."""
    return re.sub(r"\W+", "_", name.lower().replace("/", "_per_")).strip("_")
