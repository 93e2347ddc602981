import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, f1_score

from stillroom.monitoring.quality.bands import Spans, figures_of
from stillroom.monitoring.quality.statistics import statistics_of, sums
from stillroom.table.metrics import calibration_error, score

from .rows import FIRST_LIVE_DAY, binary, multiclass, regression

FOUND = {
    "binary": binary(FIRST_LIVE_DAY, [0.7] * 4, seed=1),
    "multiclass": multiclass(FIRST_LIVE_DAY, 4, seed=1),
    "regression": regression(FIRST_LIVE_DAY, [3] * 4, seed=1),
}


def figures(rows, group, spans):
    statistics = statistics_of(rows.task, rows.prediction)
    return figures_of(statistics, statistics.encode(rows.target), group, 4, spans)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_sums_give_the_figures_of_every_window(task):
    rows = FOUND[task]
    spans = Spans(np.array([0, 1, 0]), np.array([0, 2, 3]))
    found = figures(rows, rows.days[1], spans)
    for i, (first, last) in enumerate(zip(*spans, strict=True)):
        chosen = (rows.days[1] >= first) & (rows.days[1] <= last)
        expected = score(task, rows.target[chosen], rows.prediction[chosen])
        # Scores share 200 bins, of which calibration bins are made.
        assert {name: found[name][i] for name in expected} == pytest.approx(expected, abs=4e-3)
        if task == "binary":
            assert found["roc_auc"][i] == pytest.approx(expected["roc_auc"], abs=1e-4)


def test_brier_score_and_accuracy_are_the_textbook_ones():
    rows = FOUND["binary"]
    found = figures(rows, np.zeros(len(rows), dtype=int), Spans.single(1))
    assert found["brier_score"][0] == pytest.approx(brier_score_loss(rows.target, rows.prediction))
    assert found["accuracy"][0] == pytest.approx(np.mean((rows.prediction >= 0.5) == rows.target))

    rows = FOUND["multiclass"]
    found = figures(rows, np.zeros(len(rows), dtype=int), Spans.single(1))
    one_hot = np.eye(3)[rows.target.astype(int)]
    assert found["brier_score"][0] == pytest.approx(((rows.prediction - one_hot) ** 2).sum(axis=1).mean())
    right = (rows.prediction.argmax(axis=1) == rows.target).astype(float)
    assert found["calibration_error"][0] == pytest.approx(
        calibration_error(right, rows.prediction.max(axis=1)), abs=2e-3
    )


def test_a_class_that_neither_is_nor_is_said_does_not_lower_macro_f1():
    prediction = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    target = np.array([0.0, 1.0, 1.0, 1.0])
    statistics = statistics_of("multiclass", prediction)
    found = figures_of(statistics, statistics.encode(target), np.zeros(4, dtype=int), 1, Spans.single(1))
    assert found["macro_f1"][0] == pytest.approx(f1_score(target, prediction.argmax(axis=1), average="macro"))


def test_a_chance_counts_as_so_much_of_a_label():
    rows = FOUND["binary"]
    twice = np.concatenate([rows.prediction, rows.prediction])
    statistics, single = statistics_of("binary", twice), statistics_of("binary", rows.prediction)
    labels = np.concatenate([np.ones(len(rows)), np.zeros(len(rows))])
    weights = np.concatenate([rows.prediction, 1 - rows.prediction])
    group = np.zeros(2 * len(rows), dtype=int)
    hard = statistics.figures(sums(statistics.columns(labels), weights, group, 1))
    soft = single.figures(sums(single.columns(rows.prediction), np.ones(len(rows)), group[: len(rows)], 1))
    assert {name: soft[name][0] for name in soft} == pytest.approx({name: hard[name][0] for name in hard}, abs=1e-4)


def test_what_rows_do_not_define_is_nan():
    one_class = figures_of(
        statistics_of("binary", np.array([0.2, 0.4])), np.zeros(2), np.zeros(2, dtype=int), 2, Spans.single(2)
    )
    assert np.isnan(one_class["roc_auc"]).all()
    assert one_class["accuracy"][0] == 1
    assert np.isnan(one_class["accuracy"][1])
