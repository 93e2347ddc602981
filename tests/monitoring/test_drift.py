import datetime as dt

import numpy as np
import pytest

from stillroom.monitoring.drift import drift
from stillroom.monitoring.settings import MonitorConfig

from .days import FIRST_LIVE_DAY, days_of, views, whole


def drifted(reference, reference_days, live, config):
    return {found.name: found for found in drift(reference, views(reference_days), views(live), config)}


def short(found):
    """The windows of the shortest length."""
    return found.scales[0]


def test_days_like_the_reference_do_not_alarm(reference, reference_days, config):
    found = drifted(reference, reference_days, days_of(FIRST_LIVE_DAY, [{}] * 30, seed=1), config)
    assert list(found) == ["prediction", "carrier", "temp"]
    assert not any(column.alarms.any() for column in found.values())
    assert all(column.began is None for column in found.values())


def test_a_shift_is_dated_and_blamed_on_the_distribution(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 9 + [{"shift": 1.0}] * 9, seed=2)
    found = drifted(reference, reference_days, live, config)
    assert found["temp"].began == dt.date(2013, 12, 10)
    assert np.flatnonzero(found["temp"].alarms)[0] in (10, 11)
    assert found["temp"].alarms[-1]
    assert short(found["temp"]).ratios["psi"][-1] > 5
    assert short(found["temp"]).wasserstein[-1] == pytest.approx(1.0, abs=0.1)
    assert not found["carrier"].alarms.any()


def test_a_small_lasting_shift_is_found_by_the_long_windows():
    restless = days_of(dt.date(2013, 10, 1), [{"shift": 0.6 * np.sin(2 * i)} for i in range(80)], seed=3)
    reference = whole(restless)
    live = days_of(FIRST_LIVE_DAY, [{"shift": 0.5 + 0.6 * np.sin(2 * i)} for i in range(30)], seed=4)
    found = drifted(reference, restless, live, MonitorConfig(window_days=(1, 14)))["temp"]
    assert found.scales[0].alarms.sum() <= 1
    assert found.scales[1].alarms[-5:].all()


def test_what_the_reference_days_do_among_themselves_is_no_drift():
    """A column that wobbles alarms every day on the declared floor alone, and no more than declared when calibrated."""
    wobbling = [{"shift": 0.8 * np.sin(3 * i)} for i in range(60)]
    days = days_of(dt.date(2013, 10, 1), wobbling, seed=5)
    live = days_of(FIRST_LIVE_DAY, [{"shift": 0.8 * np.sin(3 * i + 1)} for i in range(30)], seed=6)
    config = MonitorConfig(window_days=(1,))
    assert drifted(whole(days), days, live, config)["temp"].alarms.mean() <= config.false_alarm
    assert drifted(whole(days), [], live, config)["temp"].alarms.mean() > 0.5


@pytest.mark.parametrize(("rows", "judged"), [(300, False), (400, True)])
def test_a_window_of_too_few_rows_is_not_judged(reference, reference_days, config, rows, judged):
    live = days_of(FIRST_LIVE_DAY, [{"shift": 3.0}] * 3, seed=7, rows=rows)
    temp = drifted(reference, reference_days, live, config)["temp"]
    assert np.isfinite(short(temp).measures["psi"][2]) == judged


def test_small_windows_need_a_larger_psi_than_large_ones(reference):
    config = MonitorConfig(min_rows=1, window_days=(1,))
    small, large = (
        short(drifted(reference, [], days_of(FIRST_LIVE_DAY, [{}], seed=8, rows=rows), config)["temp"])
        for rows in (100, 1_000)
    )
    assert small.thresholds["psi"][0] == pytest.approx(0.253, abs=0.02)
    assert large.thresholds["psi"][0] == 0.1


def test_missing_values_and_unseen_categories_alarm_on_their_own(reference, reference_days, config):
    changes = [{}] * 5 + [{"missing_share": 0.15, "new_share": 0.05}] * 5
    found = drifted(reference, reference_days, days_of(FIRST_LIVE_DAY, changes, seed=9), config)
    assert short(found["temp"]).measures["missing_change"][-1] == pytest.approx(0.15 * 5 / 7, abs=0.01)
    assert short(found["carrier"]).measures["strangers"][-1] == pytest.approx(0.05 * 5 / 7, abs=0.01)
    assert short(found["carrier"]).measures["psi"][-1] < 0.4
    assert found["temp"].alarms[-1]
    assert found["carrier"].alarms[-1]


def test_a_column_that_vanishes_is_missing(reference, reference_days, config):
    live = [(date, {**rows}) for date, rows in days_of(FIRST_LIVE_DAY, [{}] * 4, seed=10)]
    for _, rows in live:
        del rows["temp"]
    temp = drifted(reference, reference_days, live, config)["temp"]
    assert short(temp).measures["missing_change"][-1] == 1.0
    assert temp.alarms[-1]


def test_a_drifted_prediction_pages_and_a_drifted_input_does_not(reference, reference_days, config):
    found = drifted(reference, reference_days, days_of(FIRST_LIVE_DAY, [{}] * 3, seed=11), config)
    assert {name: column.severity for name, column in found.items()} == {
        "prediction": "page",
        "temp": "ticket",
        "carrier": "ticket",
    }


def test_no_live_day_is_an_error(reference, config):
    with pytest.raises(ValueError, match="no live profile"):
        drift(reference, [], [], config)
