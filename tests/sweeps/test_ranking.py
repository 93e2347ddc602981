"""The best points: by one metric, and the Pareto front of several."""

from stillroom.sweeps.metrics import Metric
from stillroom.sweeps.point import Point
from stillroom.sweeps.ranking import front, ranked

QUALITY, SIZE = Metric("chosen", "roc_auc", "maximize"), Metric("chosen", "size_kb", "minimize")
FIGURES = [(0.7, 10), (0.9, 50), (0.8, 60), (0.6, 10), (0.95, 90)]
POINTS = [
    Point(number=n, params={}, outcome="done", figures={"chosen.roc_auc": quality, "chosen.size_kb": size})
    for n, (quality, size) in enumerate(FIGURES)
]
FAILED = Point(number=9, params={}, outcome="failed", reason="out of budget")


def numbers(points):
    return [point.number for point in points]


def test_by_one_metric_the_best_is_the_front():
    assert numbers(front(POINTS, [QUALITY])) == [4]
    assert numbers(front(POINTS, [SIZE])) == [0, 3]


def test_by_several_the_front_has_what_no_other_point_beats():
    assert numbers(front([FAILED, *POINTS], [QUALITY, SIZE])) == [0, 1, 4]


def test_the_front_comes_first_and_what_failed_last():
    assert numbers(ranked([FAILED, *POINTS], [QUALITY, SIZE])) == [4, 1, 0, 2, 3, 9]
