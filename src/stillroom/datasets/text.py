"""Text, HTML pages, JSON documents and Plotly figures, each written whole or not at all."""

import json
from typing import Any

import plotly.graph_objects as go
import plotly.io
from kedro_datasets._typing import HTMLPreview, JSONPreview, PlotlyPreview
from pydantic import BaseModel

from stillroom.datasets.files import FileDataset, Loaded, Saved


class TextFileDataset(FileDataset[Saved, Loaded]):
    """What is kept as UTF-8 text."""

    def read_text(self, path: str) -> str:
        """The text at a path."""
        return str(self._fs.cat_file(path).decode("utf-8"))

    def write_text(self, path: str, text: str) -> None:
        """Write text to a path."""
        self._fs.pipe_file(path, text.encode("utf-8"))


class TextDataset(TextFileDataset[str, str]):
    """Plain text."""

    def read(self, path: str) -> str:
        return self.read_text(path)

    def write(self, path: str, data: str) -> None:
        self.write_text(path, data)


class HtmlDataset(TextFileDataset[str, str]):
    """A self-contained HTML page."""

    def read(self, path: str) -> str:
        return self.read_text(path)

    def write(self, path: str, data: str) -> None:
        self.write_text(path, data)

    def preview(self) -> HTMLPreview:
        """The page, for Kedro-Viz."""
        return HTMLPreview(self.load())


class JsonDataset(TextFileDataset[Any, Any]):
    """A JSON document; a pydantic model is saved as its fields."""

    def read(self, path: str) -> Any:
        return json.loads(self.read_text(path))

    def write(self, path: str, data: Any) -> None:
        plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
        self.write_text(path, json.dumps(plain, indent=2) + "\n")

    def preview(self) -> JSONPreview:
        """The document, for Kedro-Viz; NaN and infinities, which browsers refuse, as null."""
        text = self.read_text(self._get_load_path().as_posix())
        return JSONPreview(json.dumps(json.loads(text, parse_constant=lambda _: None)))


class PlotlyDataset(TextFileDataset[go.Figure, go.Figure]):
    """A Plotly figure as JSON."""

    def read(self, path: str) -> go.Figure:
        return plotly.io.from_json(self.read_text(path))

    def write(self, path: str, data: go.Figure) -> None:
        self.write_text(path, data.to_json())

    def preview(self) -> PlotlyPreview:
        """The figure, for Kedro-Viz."""
        return PlotlyPreview(json.loads(self.load().to_json()))
