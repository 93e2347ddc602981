import numpy as np
import pytest

from stillroom.monitoring.bins import cut
from stillroom.monitoring.tally import Tally
from stillroom.profiles import merge

from .days import profile_of


@pytest.fixture
def days():
    rng = np.random.default_rng(0)
    return [profile_of({"x": np.append(rng.normal(i, 1, 300), np.nan)}) for i in range(4)]


def counted(days, reference):
    bins = cut(reference.get_column("x"), None, bins=10, max_categories=30)
    return Tally.of(bins, [view.get_column("x") for view in days], [301] * len(days))


def test_a_window_counts_what_the_merged_profile_of_its_days_would(days):
    whole = merge(days)
    window = counted(days, whole).windows(np.array([0, 0, 1, 1]))
    merged = counted([merge(days[1:4])], whole)
    assert window.counts[3] == pytest.approx(merged.counts[0])
    assert (window.rows[3], window.present[3]) == (903, 900)


def test_a_window_and_its_rest_are_the_whole(days):
    tally = counted(days, merge(days))
    windows = tally.windows(np.array([0, 0, 1, 2]))
    rest = tally.rest_of(windows)
    assert windows.counts + rest.counts == pytest.approx(np.tile(tally.counts.sum(axis=0), (4, 1)))


def test_a_day_without_the_column_has_all_of_it_missing(days):
    bins = cut(days[0].get_column("x"), None, bins=10, max_categories=30)
    tally = Tally.of(bins, [days[0].get_column("x"), None], [301, 50])
    assert (tally.rows.tolist(), tally.present.tolist()) == ([301, 50], [300, 0])
    assert tally.counts[1].sum() == 0
