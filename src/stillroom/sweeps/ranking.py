"""Which points are the best."""

from collections.abc import Sequence

from stillroom.sweeps.metrics import Metric
from stillroom.sweeps.point import Point


def front(points: Sequence[Point], metrics: Sequence[Metric]) -> list[Point]:
    """The points that no other beats: by one metric the best, by several the Pareto front."""
    losses = {point.number: [metric.loss(point.figures) for metric in metrics] for point in _done(points)}
    return [
        point for point in _done(points) if not any(_beats(other, losses[point.number]) for other in losses.values())
    ]


def ranked(points: Sequence[Point], metrics: Sequence[Metric]) -> list[Point]:
    """The best first, by several metrics the front first and that by the first metric; last those without figures."""
    best = {point.number for point in front(points, metrics)}

    def place(point: Point) -> tuple[bool, list[float]]:
        return point.number not in best, [metric.loss(point.figures) for metric in metrics]

    return [*sorted(_done(points), key=place), *(point for point in points if point.outcome != "done")]


def _done(points: Sequence[Point]) -> list[Point]:
    return [point for point in points if point.outcome == "done"]


def _beats(one: list[float], other: list[float]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
