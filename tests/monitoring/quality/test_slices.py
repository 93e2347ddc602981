import numpy as np
import pytest

from stillroom.monitoring.quality.slices import slices
from stillroom.monitoring.settings import MonitorConfig
from stillroom.table.metrics import score

from .rows import FIRST_HELD_OUT_DAY, FIRST_LIVE_DAY, binary, none_of, regression

CONFIG = MonitorConfig(bootstrap=60)


def live_rows(bad=("ORD",), categories=12, rows=800, seed=1):
    """A day of flights to airports as many rows each; predictions of the ``bad`` ones are noise."""
    names = np.array(["ORD", "SFO", *(f"A{i:02}" for i in range(categories - 2))])
    of_row = np.repeat(names, rows)
    skill = np.where(np.isin(of_row, bad), 0.0, 1.0)
    return binary(FIRST_LIVE_DAY, skill, seed, rows=1, slices={"dest": of_row})


def overall(rows):
    return next(iter(score(rows.task, rows.target, rows.prediction).values()))


def test_the_bad_slice_comes_first_with_its_count_and_is_beyond_chance():
    live = live_rows()
    found = slices(live, none_of(live), overall(live), CONFIG)
    first = found.worst[0]
    assert (first.column, first.category, first.rows, first.before) == ("dest", "ORD", 800, None)
    chosen = live.slices["dest"] == "ORD"
    expected = score("binary", live.target[chosen], live.prediction[chosen])["roc_auc"]
    assert first.now.value == pytest.approx(expected, abs=1e-3)
    assert first.came == pytest.approx(live.target[chosen].mean())
    assert found.is_worse == [True] + [False] * 9
    assert (len(found.worst), found.judged, found.too_few) == (10, 12, 0)


def test_where_nothing_is_wrong_the_worst_of_many_slices_is_only_chance():
    for seed in range(5):
        live = live_rows(bad=(), categories=30, rows=300, seed=seed)
        found = slices(live, none_of(live), overall(live), CONFIG)
        assert min(each.now.value for each in found.worst) < overall(live) - 0.03
        assert not any(found.is_worse)


def test_a_small_slice_is_not_among_the_worst_for_being_small():
    live = live_rows()
    small = np.flatnonzero(live.slices["dest"] == "SFO")[:40]
    live.target[small] = (live.prediction[small] < np.median(live.prediction[small])).astype(float)
    kept = np.flatnonzero(live.slices["dest"] != "SFO")
    few = live.take(np.sort(np.concatenate([kept, small])))
    found = slices(few, none_of(few), overall(few), CONFIG)
    assert "SFO" not in [each.category for each in found.worst]
    assert found.too_few == 1
    judged = slices(few, none_of(few), overall(few), MonitorConfig(bootstrap=60, slice_rows=20))
    assert judged.worst[0].category == "SFO"  # all wrong: so bad that 40 rows are enough


def test_a_slice_is_shown_beside_what_it_was_on_held_out_rows():
    held_out = binary(FIRST_HELD_OUT_DAY, [1.0] * 2, 3, rows=800, slices={"dest": np.repeat(["ORD", "SFO"], 800)})
    live = live_rows(categories=3)
    found = {each.category: each for each in slices(live, held_out, overall(live), CONFIG).worst}
    assert found["ORD"].before.value > found["ORD"].now.value + 0.1
    assert found["A00"].before is None


def test_a_larger_error_is_worse_in_a_regression():
    noise = np.repeat([1.0, 3.0, 2.0], 400)
    live = regression(FIRST_LIVE_DAY, noise, 4, rows=1, slices={"city": np.repeat(["a", "b", "c"], 400)})
    found = slices(live, none_of(live), overall(live), CONFIG)
    assert [each.category for each in found.worst] == ["b", "c", "a"]
    assert found.is_worse == [True, False, False]
    assert found.worst[0].now.value == pytest.approx(3, abs=0.3)


def test_a_column_of_one_category_and_slices_of_one_class_are_none():
    live = live_rows(categories=2)
    live.slices["year"] = np.full(len(live), "2013")
    live.target[live.slices["dest"] == "SFO"] = 0
    found = slices(live, none_of(live), overall(live), CONFIG)
    assert [each.category for each in found.worst] == ["ORD"]
