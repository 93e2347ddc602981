"""Text, HTML pages, JSON documents and Plotly figures, each written whole or not at all."""

import json
from typing import Any

import plotly.graph_objects as go
import plotly.io
from kedro_datasets._typing import HTMLPreview, JSONPreview, PlotlyPreview
from pydantic import BaseModel

from stillroom.datasets.files import FileDataset


class _Text:
    def _read_text(self: Any, path: str) -> str:
        with self._fs.open(path, "r", encoding="utf-8") as file:
            return str(file.read())

    def _write_text(self: Any, path: str, text: str) -> None:
        with self._fs.open(path, "w", encoding="utf-8") as file:
            file.write(text)


class HtmlDataset(_Text, FileDataset[str, str]):
    """A self-contained HTML page."""

    def read(self, path: str) -> str:
        return self._read_text(path)

    def write(self, path: str, data: str) -> None:
        self._write_text(path, data)

    def preview(self) -> HTMLPreview:
        """The page, for Kedro-Viz."""
        return HTMLPreview(self.load())


class JsonDataset(_Text, FileDataset[Any, Any]):
    """A JSON document; a pydantic model is saved as its fields."""

    def read(self, path: str) -> Any:
        return json.loads(self._read_text(path))

    def write(self, path: str, data: Any) -> None:
        plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
        self._write_text(path, json.dumps(plain, indent=2, allow_nan=True) + "\n")

    def preview(self) -> JSONPreview:
        """The document, for Kedro-Viz."""
        return JSONPreview(json.dumps(self.load()))


class PlotlyDataset(_Text, FileDataset[go.Figure, go.Figure]):
    """A Plotly figure as JSON."""

    def read(self, path: str) -> go.Figure:
        return plotly.io.from_json(self._read_text(path))

    def write(self, path: str, data: go.Figure) -> None:
        self._write_text(path, data.to_json())

    def preview(self) -> PlotlyPreview:
        """The figure, for Kedro-Viz."""
        return PlotlyPreview(json.loads(self.load().to_json()))
