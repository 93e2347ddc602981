import datetime as dt

import numpy as np
import pytest

from stillroom.monitoring.quality.judge import quality
from stillroom.monitoring.settings import MonitorConfig
from stillroom.table.metrics import score

from .rows import FIRST_HELD_OUT_DAY, FIRST_LIVE_DAY, binary, none_of, regression, without_labels

HELD_OUT = binary(FIRST_HELD_OUT_DAY, [1.0] * 30, seed=0)
FAST = {"bootstrap": 40}


def test_quality_that_holds_does_not_alarm():
    found = quality(binary(FIRST_LIVE_DAY, [1.0] * 20, seed=1), HELD_OUT, MonitorConfig(**FAST))
    assert not found.alarms.any()
    assert found.truth.whole["roc_auc"].value == pytest.approx(found.before["roc_auc"].value, abs=0.02)


def test_lost_quality_is_dated():
    live = binary(FIRST_LIVE_DAY, [1.0] * 10 + [0.5] * 10, seed=2)
    found = quality(live, HELD_OUT, MonitorConfig(quality_days=3, **FAST))
    assert found.days[int(np.argmax(found.alarms))] in (dt.date(2013, 12, 12), dt.date(2013, 12, 13))
    assert found.alarms[-5:].all()
    assert found.truth.windows["roc_auc"].value[-1] < found.limit < found.before["roc_auc"].value


def test_the_figures_of_a_window_are_those_of_a_release():
    live = binary(FIRST_LIVE_DAY, [1.0] * 4, seed=3)
    found = quality(live, HELD_OUT, MonitorConfig(quality_days=2, **FAST))
    last_two = live.dates >= np.datetime64("2013-12-03")
    expected = score("binary", live.target[last_two], live.prediction[last_two])
    assert {name: found.truth.windows[name].value[-1] for name in expected} == pytest.approx(expected)
    assert found.truth.rows.tolist() == [1_500, 3_000, 3_000, 3_000]


def test_a_loss_that_the_held_out_days_show_themselves_is_none():
    restless = [1.0, 1.0, 0.6, 0.6] * 10
    held_out = binary(FIRST_HELD_OUT_DAY, restless, seed=3)
    live = binary(FIRST_LIVE_DAY, restless[:20], seed=4)
    config = MonitorConfig(quality_days=1, **FAST)
    assert not quality(live, held_out, config).alarms.any()
    assert quality(live, HELD_OUT, config).alarms.any()


def test_a_worse_error_of_a_regression_is_a_loss():
    live = regression(FIRST_LIVE_DAY, [1, 1, 1, 2, 2], seed=5)
    found = quality(live, regression(FIRST_HELD_OUT_DAY, [1] * 10, seed=6), MonitorConfig(quality_days=1, **FAST))
    assert found.alarms.tolist() == [False, False, False, False, True]
    assert found.limit > 1
    assert found.estimated is None


def test_windows_of_few_rows_or_one_class_are_not_judged():
    live = binary(FIRST_LIVE_DAY, [1.0], seed=8, rows=50)
    found = quality(live, HELD_OUT, MonitorConfig(quality_days=1, **FAST))
    assert np.isnan(found.truth.windows["roc_auc"].value).all()
    assert np.isfinite(found.truth.whole["roc_auc"].value)
    one_class = binary(FIRST_LIVE_DAY, [1.0], seed=8)
    one_class.target[:] = 0
    assert np.isnan(quality(one_class, HELD_OUT, MonitorConfig(**FAST)).truth.whole["roc_auc"]).all()


def test_without_held_out_rows_quality_is_shown_but_not_judged():
    found = quality(binary(FIRST_LIVE_DAY, [0.1] * 5, seed=9), none_of(HELD_OUT), MonitorConfig(**FAST))
    assert (found.before, found.estimated, found.limit) == (None, None, None)
    assert not found.alarms.any()
    assert 0.4 < found.truth.windows["roc_auc"].value[-1] < 0.6


def test_before_labels_come_the_estimate_alone_can_alarm_and_labels_overrule_it():
    # Live predictions say nothing any more, and say so: they all lie about the base rate.
    live = binary(FIRST_LIVE_DAY, [1.0] * 12, seed=10)
    rng = np.random.default_rng(11)
    live.prediction[live.dates >= np.datetime64("2013-12-06")] = rng.normal(0.28, 0.01, 7 * 1_500)
    config = MonitorConfig(quality_days=2, **FAST)

    waiting = quality(without_labels(live), HELD_OUT, config)
    assert waiting.truth is None
    assert not waiting.alarms.any()
    assert waiting.estimated_alarms.tolist() == [False] * 6 + [True] * 6

    judged = quality(live, HELD_OUT, config)
    assert judged.alarms[-5:].all()
    assert not judged.estimated_alarms.any()


def test_no_row_is_an_error():
    with pytest.raises(ValueError, match="no live prediction to judge"):
        quality(none_of(HELD_OUT), HELD_OUT, MonitorConfig())
