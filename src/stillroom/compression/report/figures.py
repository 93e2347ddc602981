"""The report's two main pictures as Plotly figures, for Kedro-Viz."""

import plotly.graph_objects as go

from stillroom.compression.choose import Choice
from stillroom.compression.measure import Measurements
from stillroom.compression.report.curves import curve_title, curves
from stillroom.compression.report.evidence import Candidate, History, candidates
from stillroom.pages.numbers import METRIC_NAMES, size

CHOSEN, OTHERS = "#1f6f8b", "#8b939d"
BIGGEST = 50


def pareto_figure(measurements: Measurements, choice: Choice) -> go.Figure:
    """Quality against latency at batch 1, size as area, the front as a line."""
    shown = candidates(measurements, choice)
    front = sorted((c.figures.single.median_us, c.quality) for c in shown if c.on_front)
    line = {"color": CHOSEN, "width": 1, "shape": "hv"}
    figure = go.Figure(
        go.Scatter(x=[x for x, _ in front], y=[y for _, y in front], mode="lines", line=line, name="Pareto front")
    )
    figure.add_traces([_dots([c for c in shown if c.verdict.chosen], "chosen", CHOSEN, shown)])
    figure.add_traces([_dots([c for c in shown if not c.verdict.chosen], "rejected", OTHERS, shown)])
    figure.update_xaxes(type="log", title="median latency of one row, µs")
    figure.update_yaxes(title=METRIC_NAMES[choice.metric])
    return figure.update_layout(title="Candidates: quality, latency, and size as area")


def learning_figure(histories: dict[str, History]) -> go.Figure:
    """The validation metric of each network by epoch."""
    name, lines = next(iter(curves(histories).items()), ("train_loss", {}))
    figure = go.Figure()
    for network, points in lines.items():
        x, y = [epoch for epoch, _ in points], [value for _, value in points]
        figure.add_scatter(x=x, y=y, mode="lines+markers", name=network)
    figure.update_xaxes(title="epoch")
    return figure.update_layout(title=curve_title(name))


def _dots(part: list[Candidate], name: str, color: str, every: list[Candidate]) -> go.Scatter:
    largest = max(c.figures.size_kb for c in every)
    return go.Scatter(
        x=[c.figures.single.median_us for c in part],
        y=[c.quality for c in part],
        text=[c.name for c in part],
        customdata=[(size(c.figures.size_kb), c.verdict.reason) for c in part],
        hovertemplate="%{text}: %{y:.4f}, %{x:.1f} µs, %{customdata[0]}<br>%{customdata[1]}",
        mode="markers",
        name=name,
        marker={
            "size": [c.figures.size_kb for c in part],
            "sizemode": "area",
            "sizeref": 2 * largest / BIGGEST**2,
            "sizemin": 4,
            "color": color,
        },
    )
