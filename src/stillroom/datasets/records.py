"""JSON documents that hold a list of records, which Kedro-Viz shows as a table."""

import json
from typing import Any

import pandas as pd
from kedro_datasets._typing import TablePreview

from stillroom.datasets.model import ModelDataset
from stillroom.datasets.text import JsonDataset

DIGITS = 4


class JsonRecordsDataset(JsonDataset):
    """A JSON document with records in one of its fields: a list of objects, or objects by name."""

    def preview(self, records: str, columns: list[str] | None = None) -> TablePreview:  # type: ignore[override]
        """The records, one row each, for Kedro-Viz; `preview_args` names their field, and the columns if not all."""
        return table_preview(json.loads(self.read_text(self._get_load_path().as_posix()))[records], columns)


class ModelRecordsDataset(ModelDataset):
    """A pydantic model with records in one of its fields: a list of models, or models by name."""

    def preview(self, records: str, columns: list[str] | None = None) -> TablePreview:  # type: ignore[override]
        """The records, one row each, for Kedro-Viz; `preview_args` names their field, and the columns if not all."""
        return table_preview(json.loads(self.read_text(self._get_load_path().as_posix()))[records], columns)


def table_preview(
    records: list[dict[str, Any]] | dict[str, dict[str, Any]], columns: list[str] | None = None
) -> TablePreview:
    """Records as a table: nested fields as `outer.inner`, numbers at four significant digits, null as an empty text."""
    if isinstance(records, dict):
        records = [{"name": name, **record} for name, record in records.items()]
    table = pd.json_normalize(records).reindex(columns=columns)
    rows = [[_shown(value) for value in row] for row in table.itertuples(index=False, name=None)]
    return TablePreview({"index": list(range(len(rows))), "columns": list(table.columns), "data": rows})


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.{DIGITS}g}"
    return "" if value is None else str(value)
