import datetime as dt

import numpy as np
import pytest

from stillroom.monitoring.quality import Labelled, confidence_band, quality
from stillroom.monitoring.settings import MonitorConfig
from stillroom.table.metrics import score

from .days import FIRST_LIVE_DAY


def labelled(first, skills, seed, rows=1_500):
    """Days of binary labels; ``skill`` 1 predicts the true chance, 0 predicts noise of the same shape."""
    rng = np.random.default_rng(seed)
    days = []
    for i, skill in enumerate(skills):
        chance = rng.beta(2, 5, rows)
        prediction = np.where(rng.random(rows) < skill, chance, rng.beta(2, 5, rows))
        days.append(Labelled(first + dt.timedelta(i), (rng.random(rows) < chance).astype(int), prediction))
    return days


HELD_OUT = labelled(dt.date(2013, 10, 1), [1.0] * 30, seed=0)


def test_quality_that_holds_does_not_alarm():
    found = quality("binary", labelled(FIRST_LIVE_DAY, [1.0] * 20, seed=1), HELD_OUT, MonitorConfig())
    assert not found.alarms.any()
    assert found.began is None
    assert found.band.value == pytest.approx(found.band_before.value, abs=0.02)


def test_lost_quality_is_dated():
    live = labelled(FIRST_LIVE_DAY, [1.0] * 10 + [0.5] * 10, seed=2)
    found = quality("binary", live, HELD_OUT, MonitorConfig(quality_days=3))
    assert found.began in (dt.date(2013, 12, 12), dt.date(2013, 12, 13))
    assert found.alarms[-5:].all()
    assert found.bands[-1].value < found.limit < found.before["roc_auc"]


def test_a_loss_that_the_reference_days_show_themselves_is_none():
    restless = [1.0, 1.0, 0.6, 0.6] * 10
    held_out = labelled(dt.date(2013, 10, 1), restless, seed=3)
    live = labelled(FIRST_LIVE_DAY, restless[:20], seed=4)
    assert not quality("binary", live, held_out, MonitorConfig(quality_days=1)).alarms.any()
    assert quality("binary", live, HELD_OUT, MonitorConfig(quality_days=1)).alarms.any()


@pytest.mark.parametrize("task", ["binary", "regression", "multiclass"])
def test_the_band_surrounds_the_main_metric_of_every_task(task):
    rng = np.random.default_rng(5)
    target = rng.integers(0, 2, 2_000)
    prediction = np.clip(target * 0.2 + rng.random(2_000) * 0.8, 0, 1)
    if task == "multiclass":
        prediction = np.column_stack([1 - prediction, prediction])
    band = confidence_band(task, target, prediction, MonitorConfig())
    main = score(task, target, prediction)[{"binary": "roc_auc", "regression": "rmse", "multiclass": "accuracy"}[task]]
    assert band.value == pytest.approx(main)
    assert band.low < band.value < band.high
    assert band.high - band.low < 0.06


def test_the_band_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(6)
    covered = []
    for _ in range(120):
        target = rng.random(400)
        band = confidence_band("regression", target, target + rng.normal(0, 2, 400), MonitorConfig(bootstrap=100))
        covered.append(band.low < 2 < band.high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.06)


def test_a_worse_error_of_a_regression_is_a_loss():
    rng = np.random.default_rng(7)

    def days(first, noises):
        return [
            Labelled(first + dt.timedelta(i), np.zeros(1_000), rng.normal(0, s, 1_000)) for i, s in enumerate(noises)
        ]

    config = MonitorConfig(quality_days=1)
    found = quality("regression", days(FIRST_LIVE_DAY, [1, 1, 1, 2, 2]), days(dt.date(2013, 11, 1), [1] * 10), config)
    assert found.alarms.tolist() == [False, False, False, False, True]
    assert found.limit > 1


def test_windows_of_few_rows_or_one_class_are_not_judged():
    few = labelled(FIRST_LIVE_DAY, [1.0], seed=8, rows=50)
    one_class = [Labelled(FIRST_LIVE_DAY + dt.timedelta(1), np.zeros(2_000), np.full(2_000, 0.3))]
    found = quality("binary", few + one_class, HELD_OUT, MonitorConfig(quality_days=1))
    assert np.isnan([band.value for band in found.bands]).all()
    assert not found.alarms.any()


def test_without_reference_labels_quality_is_shown_but_not_judged():
    found = quality("binary", labelled(FIRST_LIVE_DAY, [0.1] * 5, seed=9), [], MonitorConfig())
    assert found.before is None
    assert not found.alarms.any()
    assert 0.4 < found.bands[-1].value < 0.6


def test_no_labelled_row_is_an_error():
    with pytest.raises(ValueError, match="no labelled live row"):
        quality("binary", [Labelled(FIRST_LIVE_DAY, np.empty(0), np.empty(0))], HELD_OUT, MonitorConfig())
