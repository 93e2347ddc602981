import datetime as dt

import numpy as np
import pytest

from stillroom.monitoring.bins import cut
from stillroom.monitoring.calibration import calibrated, own_windows
from stillroom.monitoring.strangers import own_strangers
from stillroom.monitoring.tally import Tally
from stillroom.monitoring.windows import unbroken

from .days import profile_of

COLUMNS = [f"x{i}" for i in range(40)]
FLOORS = {name: {"psi": 0.001} for name in COLUMNS}
NUMBERS = dict.fromkeys([*COLUMNS, "x"], "numeric")


def wobble(rng, days):
    """Heavy-tailed distances of 40 columns that move together."""
    common = rng.lognormal(sigma=0.5, size=(days, 1))
    return common * rng.lognormal(sigma=0.7, size=(days, len(COLUMNS))) * 0.05


def test_the_declared_rate_holds_over_all_columns_together_for_windows_to_come():
    rng = np.random.default_rng(0)
    alarms = []
    for _ in range(200):
        past, to_come = wobble(rng, 100), wobble(rng, 20)
        own = {name: {"psi": past[:, i]} for i, name in enumerate(COLUMNS)}
        found = calibrated(own, FLOORS, NUMBERS, 1, 0.05)
        alarms.append((to_come > [found[name]["psi"] for name in COLUMNS]).any(axis=1).mean())
    assert 0.03 < np.mean(alarms) < 0.055


def test_each_measure_has_a_margin_of_its_own():
    rng = np.random.default_rng(1)
    steady, erratic = 0.2 + 0.01 * rng.random(100), rng.lognormal(sigma=2, size=100)
    own = {"x": {"psi": steady, "missing_change": erratic}}
    found = calibrated(own, {"x": {"psi": 0.1, "missing_change": 0.05}}, NUMBERS, 1, 0.05)["x"]
    assert found["psi"] == pytest.approx(steady.max(), rel=0.05)
    assert found["missing_change"] > np.quantile(erratic, 0.95)


def test_categories_that_are_ever_the_same_do_not_answer_for_erratic_numbers():
    rng = np.random.default_rng(1)
    own = {name: {"psi": rng.lognormal(sigma=2, size=100)} for name in COLUMNS}
    own["text"] = {"psi": 0.2 + 0.01 * rng.random(100)}
    floors = {name: {"psi": 0.1} for name in own}
    apart, together = (
        calibrated(own, floors, NUMBERS | {"text": kind}, 1, 0.05)["text"]["psi"] for kind in ("categorical", "numeric")
    )
    assert apart == pytest.approx(own["text"]["psi"].max(), rel=0.05)
    assert together > 1.5 * apart


def test_a_short_reference_period_leaves_the_floors():
    days = [profile_of({"x": np.arange(100.0)}).get_column("x")] * 5
    bins = cut(days[0], None, bins=10, max_categories=30)
    assert own_windows(bins, Tally.of(bins, days, [100] * 5), days, 2, 1, np.full(4, True)) == {}
    assert calibrated({"x": {}}, {"x": {"psi": 0.1}}, NUMBERS, 2, 0.05) == {"x": {"psi": 0.1}}


def test_windows_are_strange_by_the_range_of_all_other_days():
    days = [profile_of({"x": np.array(v)}).get_column("x") for v in ([0.0, 1.0], [0.5, 9.0, 8.0], [0.2, 1.0], [-5.0])]
    bins = cut(days[0], None, bins=10, max_categories=30)
    assert own_strangers(bins, days, 1).tolist() == [0, 2, 0, 1]
    assert own_strangers(bins, days, 2).tolist() == [2, 2, 1]


def test_windows_are_strange_by_the_categories_of_all_other_days():
    days = [profile_of({"x": np.array(v, dtype=object)}).get_column("x") for v in (["a", "b"], ["a", "c", "c"], ["c"])]
    whole = profile_of({"x": np.array(["a", "b", "a", "c", "c", "c"], dtype=object)}).get_column("x")
    bins = cut(whole, None, bins=10, max_categories=30)
    assert own_strangers(bins, days, 1).tolist() == [1, 0, 0]
    assert own_strangers(bins, days, 2).tolist() == [3, 3]


def test_windows_in_which_days_are_missing_say_nothing_of_weeks_to_come():
    rng = np.random.default_rng(2)
    days = [profile_of({"x": rng.normal(i % 10, size=200)}).get_column("x") for i in range(20)]
    bins = cut(days[0], None, bins=10, max_categories=30)
    whole = np.arange(19) != 9
    own = own_windows(bins, Tally.of(bins, days, [200] * 20), days, 2, 1, whole)
    assert np.flatnonzero(np.isnan(own["psi"])).tolist() == [9]

    judged = {"x": {"psi": np.array([1.0, 1.1, 1.2, 1.3, 9.0])}}
    broken = {"x": {"psi": np.append(judged["x"]["psi"], [np.nan] * 200)}}
    floors = {"x": {"psi": 0.1}}
    assert calibrated(broken, floors, NUMBERS, 1, 0.05) == calibrated(judged, floors, NUMBERS, 1, 0.05)


def test_only_days_that_follow_one_another_make_a_whole_window():
    dates = [dt.date(2013, 1, day) for day in (1, 2, 3, 7, 8, 9)]
    assert unbroken(dates, 3).tolist() == [True, False, False, True]
