import numpy as np
import pytest

from stillroom.monitoring.quality.bands import Spans
from stillroom.monitoring.quality.estimate import calibrated, can_estimate, estimate, method_of
from stillroom.monitoring.quality.outcomes import Outcomes
from stillroom.monitoring.settings import MonitorConfig
from stillroom.table.metrics import calibration_error, score

from .rows import FIRST_HELD_OUT_DAY, FIRST_LIVE_DAY, binary, dates, multiclass, none_of, regression

FAST = MonitorConfig(bootstrap=60)


def whole(live, held_out):
    group = np.zeros(len(live), dtype=int)
    return {name: found.at(0) for name, found in estimate(live, held_out, group, Spans.single(1), FAST).items()}


def model_of(signal):
    """Says too much: sure of things that it is not, as its log-odds are twice what is right."""
    return 1 / (1 + np.exp(-2 * signal))


def overconfident(first, mean, seed, rows=20_000, meaning=1.0):
    """Rows whose signal lies about ``mean``; the same signal means less where ``meaning`` is less."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(mean, 1, rows)
    target = (rng.random(rows) < 1 / (1 + np.exp(-meaning * signal))).astype(float)
    return Outcomes("binary", dates(first, 1, rows), model_of(signal), target)


HELD_OUT = overconfident(FIRST_HELD_OUT_DAY, 0.0, seed=1)


@pytest.mark.parametrize("mean", [-1.5, 0.0, 2.0])
def test_the_estimate_follows_a_shift_of_the_inputs_without_a_label(mean):
    live = overconfident(FIRST_LIVE_DAY, mean, seed=2)
    true = score("binary", live.target, live.prediction)
    true["accuracy"] = np.mean((live.prediction >= 0.5) == live.target)
    blind = Outcomes("binary", live.dates, live.prediction, np.full(len(live), np.nan))
    found = whole(blind, HELD_OUT)
    for name, value in true.items():
        assert found[name].low - 0.004 < value < found[name].high + 0.004, name
    assert found["accuracy"].value == pytest.approx(true["accuracy"], abs=0.015)


def test_the_estimate_is_blind_to_a_change_of_meaning():
    live = overconfident(FIRST_LIVE_DAY, 0.0, seed=3, meaning=0.2)
    true = score("binary", live.target, live.prediction)["roc_auc"]
    found = whole(live, HELD_OUT)["roc_auc"]
    assert true < 0.60
    assert found.low > 0.72


def test_several_classes_are_estimated_too():
    held_out = multiclass(FIRST_HELD_OUT_DAY, 4, seed=4)
    live = multiclass(FIRST_LIVE_DAY, 4, seed=5, sharpness=1.5)
    true = score("multiclass", live.target, live.prediction)
    found = whole(live, held_out)
    before = score("multiclass", held_out.target, held_out.prediction)
    assert true["accuracy"] > before["accuracy"] + 0.08
    for name in ("accuracy", "macro_f1", "log_loss"):
        assert found[name].value == pytest.approx(true[name], abs=0.02), name


def test_calibrated_probabilities_hold_and_add_up():
    rows = overconfident(FIRST_LIVE_DAY, 0.0, seed=6)
    chances = calibrated(rows, HELD_OUT, np.ones(len(HELD_OUT)))
    assert calibration_error(rows.target, rows.prediction) > 0.05
    assert calibration_error(rows.target, chances) < 0.025
    classes = multiclass(FIRST_LIVE_DAY, 1, seed=7)
    np.testing.assert_allclose(calibrated(classes, classes, np.ones(len(classes))).sum(axis=1), 1)


def test_few_held_out_rows_are_calibrated_by_a_logistic_curve():
    few = HELD_OUT.take(np.arange(60))
    assert (method_of(few), method_of(HELD_OUT)) == ("Platt", "isotonic")
    live = overconfident(FIRST_LIVE_DAY, 0.0, seed=8)
    chances = calibrated(live, few, np.ones(60))
    assert np.all(np.diff(chances[np.argsort(live.prediction)]) >= 0)
    assert len(np.unique(chances)) > 1_000
    found = whole(live, few)["roc_auc"]
    assert found.low < score("binary", live.target, live.prediction)["roc_auc"] < found.high
    assert found.high - found.low > 3 * (whole(live, HELD_OUT)["roc_auc"].high - whole(live, HELD_OUT)["roc_auc"].low)


def test_without_labels_of_two_classes_nothing_is_estimated():
    one_class = binary(FIRST_HELD_OUT_DAY, [1.0], seed=9)
    one_class.target[:] = 1
    assert not can_estimate(one_class)
    assert not can_estimate(HELD_OUT.take(np.arange(10)))
    assert not can_estimate(none_of(HELD_OUT))
    assert not can_estimate(regression(FIRST_HELD_OUT_DAY, [1], seed=9))
    assert can_estimate(HELD_OUT)


def test_a_class_that_held_out_rows_lack_keeps_its_probability():
    held_out = multiclass(FIRST_HELD_OUT_DAY, 1, seed=10)
    held_out = held_out.take(held_out.target != 2)
    live = multiclass(FIRST_LIVE_DAY, 1, seed=11)
    found = calibrated(live, held_out, np.ones(len(held_out)))
    assert np.isfinite(found).all()
    assert np.corrcoef(found[:, 2], live.prediction[:, 2])[0, 1] > 0.9
