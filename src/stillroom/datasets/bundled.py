"""The small tables that scikit-learn carries, so that a first try needs no file."""

import re
from typing import Any

import polars as pl
import sklearn.datasets
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

LOADERS = {
    "breast_cancer": sklearn.datasets.load_breast_cancer,
    "diabetes": sklearn.datasets.load_diabetes,
    "iris": sklearn.datasets.load_iris,
    "wine": sklearn.datasets.load_wine,
}


class BundledTableDataset(AbstractDataset[None, pl.LazyFrame]):
    """A table bundled with scikit-learn, its target in the column `target`; it can only be loaded.

    Args:
        name: `breast_cancer`, `diabetes`, `iris` or `wine`.
    """

    def __init__(self, *, name: str, metadata: dict[str, Any] | None = None):
        if name not in LOADERS:
            raise ValueError(f"name: no bundled table {name!r}; the choices are {', '.join(LOADERS)}")
        self._name = name
        self.metadata = metadata

    def load(self) -> pl.LazyFrame:
        """The table, its column names in snake case."""
        frame = LOADERS[self._name](as_frame=True).frame
        columns = {c: frame[c].to_numpy() for c in frame.columns}
        return pl.DataFrame(columns).rename(_snake_case).lazy()

    def save(self, data: None) -> None:
        """Refused: the table belongs to scikit-learn."""
        raise ValueError(f"the bundled table {self._name} cannot be saved")

    def preview(self, nrows: int = 8) -> TablePreview:
        """The first rows, for Kedro-Viz."""
        rows = self.load().head(nrows).collect()
        return TablePreview(
            {"index": list(range(rows.height)), "columns": rows.columns, "data": [list(r) for r in rows.rows()]}
        )

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name}


def _snake_case(name: str) -> str:
    """`sepal length (cm)` as sepal_length_cm, `od280/od315` as od280_per_od315."""
    return re.sub(r"\W+", "_", name.lower().replace("/", "_per_")).strip("_")
