"""The points of a sweep as parallel coordinates: an axis for each parameter and each metric, a line for each point."""

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from stillroom.sweeps.metrics import Metric
from stillroom.sweeps.point import Point, written

DECADES = 30  # numbers that span more of this factor are shown by their logarithm


def parallel_coordinates(points: Sequence[Point], axes: Sequence[str], metrics: Sequence[Metric]) -> go.Figure:
    """Of the points that have figures; the colour is the first metric, dark the best."""
    done = [point for point in points if point.outcome == "done"]
    colour = [point.figures[metrics[0].name] for point in done]
    reverse = metrics[0].direction == "minimize"
    dimensions = [_dimension(axis, [point.params[axis] for point in done]) for axis in axes]
    dimensions += [_dimension(metric.name, [point.figures[metric.name] for point in done]) for metric in metrics]
    line = {"color": colour, "colorscale": "Viridis_r", "reversescale": reverse, "showscale": True}
    figure = go.Figure(go.Parcoords(line=line, dimensions=dimensions))
    figure.update_layout(title=f"{len(done)} points, coloured by {metrics[0].name}", margin={"t": 110, "l": 90})
    return figure


def _dimension(label: str, values: list[Any]) -> dict[str, Any]:
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        names = sorted({written(value) for value in values})
        places = [names.index(written(value)) for value in values]
        return {"label": label, "values": places, "tickvals": list(range(len(names))), "ticktext": names}
    if values and min(values) > 0 and max(values) / min(values) >= DECADES:
        ticks = sorted(set(values))[:: max(1, len(set(values)) // 6)]
        return {
            "label": label,
            "values": [math.log10(value) for value in values],
            "tickvals": [math.log10(value) for value in ticks],
            "ticktext": [f"{value:.3g}" for value in ticks],
        }
    return {"label": label, "values": values}
