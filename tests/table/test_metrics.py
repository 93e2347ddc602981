import math

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC, calibration_error, score


def test_binary_scores_of_a_worked_example():
    target, prediction = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])
    scores = score("binary", target, prediction)
    assert scores["roc_auc"] == 0.75
    assert scores["average_precision"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert scores["log_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.35, 0.8]).mean())
    assert scores["calibration_error"] == pytest.approx((0.1 + 0.4 + 0.65 + 0.2) / 4)


def test_binary_scores_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    prediction = rng.random(5_000)
    target = rng.random(5_000) < prediction**2
    scores = score("binary", target, prediction.astype(np.float32))
    assert scores["roc_auc"] == pytest.approx(roc_auc_score(target, prediction), abs=1e-6)
    assert scores["log_loss"] == pytest.approx(log_loss(target, prediction), abs=1e-5)


def test_calibration_error_is_the_mean_gap_between_prediction_and_truth():
    rng = np.random.default_rng(1)
    prediction = rng.random(200_000)
    true_chance = np.where(prediction < 0.5, prediction, prediction - 0.2)
    target = rng.random(200_000) < true_chance
    assert calibration_error(target, prediction) == pytest.approx(0.1, abs=0.005)
    assert calibration_error(rng.random(200_000) < prediction, prediction) < 0.01


def test_calibration_of_a_constant_prediction_does_not_depend_on_the_order_of_the_rows():
    target = np.repeat([0, 1], 500)
    assert calibration_error(target, np.full(1_000, 0.4)) == pytest.approx(0.1)


def test_regression_scores_of_a_worked_example():
    scores = score("regression", np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
    assert scores == pytest.approx({"rmse": math.sqrt(4 / 3), "mae": 2 / 3, "r2": -1.0})


def test_multiclass_scores_of_a_worked_example():
    target = np.array([0, 1, 2, 2])
    prediction = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7], [0.5, 0.3, 0.2]])
    scores = score("multiclass", target, prediction)
    assert scores["accuracy"] == 0.75
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert scores["log_loss"] == pytest.approx(-np.log([0.8, 0.6, 0.7, 0.2]).mean())


def test_a_window_of_one_class_has_no_auc_but_a_log_loss():
    scores = score("binary", np.zeros(10), np.full(10, 0.2))
    assert math.isnan(scores["roc_auc"])
    assert math.isnan(scores["average_precision"])
    assert scores["log_loss"] == pytest.approx(-math.log(0.8))
    assert scores["calibration_error"] == pytest.approx(0.2)


@pytest.mark.parametrize("task", ["binary", "regression", "multiclass"])
def test_no_rows_give_nan_and_the_main_metric_is_among_the_scores(task):
    prediction = np.empty((0, 3)) if task == "multiclass" else np.empty(0)
    scores = score(task, np.empty(0), prediction)
    assert MAIN_METRIC[task] in scores
    assert MAIN_METRIC[task] in HIGHER_IS_BETTER
    assert all(math.isnan(value) for value in scores.values())


def test_a_wrong_but_certain_prediction_costs_a_finite_log_loss():
    assert score("binary", np.array([0, 1]), np.array([1.0, 1.0]))["log_loss"] == pytest.approx(-math.log(1e-7) / 2)


@pytest.mark.parametrize(
    ("task", "prediction", "message"),
    [
        ("binary", np.array([0.1]), "2 targets but 1 predictions"),
        ("binary", np.array([[0.1], [0.2]]), "binary predictions have 1 dimension"),
        ("multiclass", np.array([0.1, 0.2]), "multiclass predictions have 2 dimension"),
        ("binary", np.array([0.1, np.nan]), "1 predictions are NaN"),
        ("multiclass", np.array([[0.1, np.nan], [0.5, 0.5]]), "1 predictions are NaN"),
    ],
)
def test_predictions_that_cannot_be_scored_are_refused(task, prediction, message):
    with pytest.raises(ValueError, match=message):
        score(task, np.array([0, 1]), prediction)
