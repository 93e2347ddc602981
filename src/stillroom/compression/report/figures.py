"""The report's two main pictures as Plotly figures, for Kedro-Viz."""

import plotly.graph_objects as go

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import Choice
from stillroom.compression.measure import Measurements
from stillroom.compression.quality import goodness
from stillroom.compression.report.curves import curve_title, curves
from stillroom.compression.report.evidence import Candidate, History, candidates
from stillroom.compression.report.pareto import limits, stairs
from stillroom.pages.numbers import METRIC_NAMES, size

CHOSEN, OTHERS, OVER = "#1f6f8b", "#8b939d", "#b3302a"
BIGGEST = 50


def pareto_figure(measurements: Measurements, choice: Choice, budget: BudgetConfig) -> go.Figure:
    """Quality against latency at the declared batch size, size as area, the front as a line."""
    shown = candidates(measurements, choice.verdicts, choice.metric)
    front = stairs(shown, choice.metric)
    line = {"color": CHOSEN, "width": 1, "shape": "hv"}
    x, y = [c.figures.many.median_us for c in front], [c.quality for c in front]
    figure = go.Figure(go.Scatter(x=x, y=y, mode="lines", line=line, name="Pareto front"))
    figure.add_traces([_dots([c for c in shown if c.verdict.chosen], "chosen", CHOSEN, shown)])
    figure.add_traces([_dots([c for c in shown if not c.verdict.chosen], "not chosen", OTHERS, shown)])
    _shade(figure, measurements, choice, budget)
    figure.update_xaxes(type="log", title=f"median latency of {shown[0].figures.many.batch}, µs")
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


def _shade(figure: go.Figure, measurements: Measurements, choice: Choice, budget: BudgetConfig) -> None:
    """What the budget rules out."""
    measured, metric = measurements.candidates, choice.metric
    longest, worst = limits(measured, budget, metric)
    shade = {"fillcolor": OVER, "opacity": 0.08, "line_width": 0, "layer": "below"}
    if longest:
        slowest = max(m.many.high_us for m in measured)
        figure.add_vrect(x0=longest, x1=2 * max(longest, slowest), **shade)
    if worst is not None:
        figure.add_hrect(y0=worst, y1=min(measured, key=lambda m: goodness(m, metric)).metrics[metric], **shade)


def _dots(part: list[Candidate], name: str, color: str, every: list[Candidate]) -> go.Scatter:
    largest, latencies = max(c.figures.size_kb for c in every), [c.figures.many for c in part]
    return go.Scatter(
        x=[latency.median_us for latency in latencies],
        y=[c.quality for c in part],
        error_x={
            "array": [latency.high_us - latency.median_us for latency in latencies],
            "arrayminus": [latency.median_us - latency.low_us for latency in latencies],
            "thickness": 1,
        },
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
