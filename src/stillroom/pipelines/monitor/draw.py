"""The node that draws the drift."""

from typing import Any

import plotly.graph_objects as go

from stillroom.monitoring import drift_figure


def draw_drift(drift_report: dict[str, Any]) -> go.Figure:
    """The heat map, column by day."""
    return drift_figure(drift_report)
