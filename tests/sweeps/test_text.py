"""A sweep's table and plot."""

from stillroom.sweeps.metrics import Metric
from stillroom.sweeps.plot import parallel_coordinates
from stillroom.sweeps.point import Point
from stillroom.sweeps.text import points_table, told

METRICS = [Metric("validation", "roc_auc", "maximize")]
POINTS = [
    Point(
        number=1,
        params={"lr": 0.001, "model": "mlp"},
        outcome="done",
        figures={"validation.roc_auc": 0.7},
        seconds=2,
        nodes=5,
        ran=["a"],
    ),
    Point(
        number=2,
        params={"lr": 0.1, "model": "tabm"},
        outcome="done",
        figures={"validation.roc_auc": 0.8},
        seconds=3,
        nodes=5,
    ),
    Point(number=3, params={"lr": -1.0, "model": "mlp"}, outcome="failed", reason="lr is negative", nodes=5),
]


def test_the_table_has_the_best_first_and_says_why_a_point_failed():
    lines = [line.split() for line in points_table(POINTS, ["lr", "model"], METRICS).splitlines()]

    assert lines == [
        ["point", "lr", "model", "validation.roc_auc", "time", "nodes", "run"],
        ["*", "2", "0.1", "tabm", "0.8000", "3.00", "s", "0/5"],
        ["1", "0.001", "mlp", "0.7000", "2.00", "s", "1/5"],
        ["3", "-1.0", "mlp", "–", "0.00", "s", "0/5", "failed:", "lr", "is", "negative"],
    ]


def test_a_point_is_told_in_one_line():
    assert told(POINTS[0], ["lr"], METRICS) == "lr=0.001: validation.roc_auc 0.7000 (1 of 5 nodes run in 2.00 s)"
    assert told(POINTS[2], ["lr"], METRICS).startswith("lr=-1.0: failed, lr is negative")


def test_the_plot_has_an_axis_for_each_parameter_and_metric():
    lr, model, quality = parallel_coordinates(POINTS, ["lr", "model"], METRICS).data[0].dimensions

    assert [lr.label, model.label, quality.label] == ["lr", "model", "validation.roc_auc"]
    assert list(lr.values) == [-3, -1], "a range of decades is shown by its logarithm"
    assert list(model.ticktext) == ["mlp", "tabm"]
    assert list(quality.values) == [0.7, 0.8]
