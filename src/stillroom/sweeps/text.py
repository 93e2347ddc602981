"""A sweep's points as lines of text for a terminal."""

from collections.abc import Sequence

from stillroom.pages.numbers import score, span
from stillroom.pages.text import aligned
from stillroom.sweeps.metrics import Metric
from stillroom.sweeps.point import Point, written
from stillroom.sweeps.ranking import front, ranked

SHOWN = 100


def points_table(points: Sequence[Point], axes: Sequence[str], metrics: Sequence[Metric]) -> str:
    """One line a point, the best first; `*` marks what no other point beats."""
    best = {point.number for point in front(points, metrics)}
    head = ["", "point", *axes, *(metric.name for metric in metrics), "time", "nodes run", ""]
    lines = [_line(point, axes, metrics, "*" if point.number in best else "") for point in ranked(points, metrics)]
    return "\n".join(aligned([head, *lines], left=(0, *range(2, 2 + len(axes)), len(head) - 1)))


def told(point: Point, axes: Sequence[str], metrics: Sequence[Metric]) -> str:
    """What came of a point, in one line."""
    tried = " ".join(f"{axis}={written(point.params[axis])}" for axis in axes)
    found = " ".join(f"{metric.name} {score(point.figures[metric.name])}" for metric in metrics if point.figures)
    ran = f"{len(point.ran)} of {point.nodes} nodes run in {span(point.seconds)}"
    return f"{tried or 'as declared'}: {found or f'{point.outcome}, {point.reason}'} ({ran})"


def _line(point: Point, axes: Sequence[str], metrics: Sequence[Metric], mark: str) -> list[str]:
    figures = [score(point.figures.get(metric.name)) for metric in metrics]
    reason = f"{point.outcome}: {point.reason}" if point.outcome != "done" else ""
    reason = reason if len(reason) <= SHOWN else f"{reason[: SHOWN - 1]}…"
    tried = [written(point.params[axis]) for axis in axes]
    return [mark, str(point.number), *tried, *figures, span(point.seconds), f"{len(point.ran)}/{point.nodes}", reason]
