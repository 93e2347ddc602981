"""The heat map, column by day, as a Plotly figure: for Kedro-Viz and notebooks."""

from typing import Any

import plotly.graph_objects as go

SHOWN = 24
LARGEST = 2.5  # thresholds; the colour turns at 1
COLOURS = [
    [0.0, "#eef2f4"], [0.2, "#c2d6de"], [0.399, "#a4c2ce"], [0.4, "#f6cf8f"], [0.7, "#d96a3d"], [1.0, "#b3302a"],
]  # fmt: skip


def drift_figure(report: dict[str, Any]) -> go.Figure:
    """How far each column was from the reference on each day, as a multiple of its threshold; the furthest on top."""
    columns = report["columns"][:SHOWN]
    figure = go.Figure(
        go.Heatmap(
            x=report["days"],
            y=[column["name"] for column in columns],
            z=[column["daily"]["ratio"] for column in columns],
            zmin=0,
            zmax=LARGEST,
            colorscale=COLOURS,
            xgap=1,
            ygap=1,
            hovertemplate="%{y}, %{x}: %{z:.2f} times its threshold<extra></extra>",
            colorbar={"title": "times the<br>threshold"},
        )
    )
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(title=report["headline"], height=200 + 18 * len(columns))
