"""The declared metrics, and which way they are better."""

import pytest

from stillroom.sweeps.metrics import declared_metrics
from stillroom.sweeps.settings import SweepConfig
from stillroom.table.errors import InputError


def declared(*metrics, task="binary"):
    config = {"metrics": metrics, "pipelines": [], "sampler": {}, "folder": "sweeps", "cache": "cache"}
    return declared_metrics(SweepConfig.model_validate(config), task)


@pytest.mark.parametrize(
    ("task", "metric"),
    [
        ("binary", ("roc_auc", "maximize")),
        ("multiclass", ("accuracy", "maximize")),
        ("regression", ("rmse", "minimize")),
    ],
)
def test_the_main_figure_is_the_one_that_the_task_is_judged_by(task, metric):
    assert declared("validation.main", task=task) == [("validation", *metric)]


def test_a_direction_that_is_not_known_may_be_declared():
    assert declared({"name": "mine.regret", "direction": "minimize"}) == [("mine", "regret", "minimize")]


@pytest.mark.parametrize(
    ("metric", "sentence"),
    [
        ("mine.regret", "the direction of regret is not known; the figures with one are main, roc_auc"),
        ("main", "write entry.figure"),
    ],
)
def test_what_is_no_metric_is_refused(metric, sentence):
    with pytest.raises(InputError, match=sentence):
        declared(metric)
