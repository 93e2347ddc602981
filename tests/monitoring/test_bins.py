import numpy as np
import pytest

from stillroom.monitoring.bins import CategoryBins, NumericBins, cut

from .days import profile_of


def column(values):
    return profile_of({"x": values}).get_column("x")


def strings(*values):
    return column(np.array(values, dtype=object))


def test_a_numeric_column_is_cut_into_bins_of_equal_mass():
    values = np.random.default_rng(0).lognormal(size=50_000)
    bins = cut(column(values), None, bins=10, max_categories=30)
    assert isinstance(bins, NumericBins)
    assert bins.size == 10
    assert bins.counts(column(values)) / 50_000 == pytest.approx(np.full(10, 0.1), abs=0.005)


def test_a_value_that_holds_much_of_the_mass_has_a_bin_of_its_own():
    reference = np.concatenate([np.zeros(950), np.arange(1.0, 51.0)])
    bins = cut(column(reference), None, bins=10, max_categories=30)
    rained_more = np.concatenate([np.zeros(500), np.arange(1.0, 501.0) / 5])
    assert bins.counts(column(reference)).tolist() == [0, 950, 50]
    assert bins.counts(column(rained_more)).tolist() == [0, 500, 500]


def test_a_round_trip_through_float32_stays_in_the_same_bins():
    reference = np.random.default_rng(1).choice([0.01, 0.07, 0.1, 1 / 3, 1013.7], 1_000)
    bins = cut(column(reference), None, bins=10, max_categories=30)
    live = column(reference.astype(np.float32))
    assert bins.counts(live).tolist() == bins.counts(column(reference)).tolist()
    assert bins.strangers(live) == 0


def test_values_out_of_the_reference_range_are_strangers():
    bins = cut(column(np.linspace(-1, 1, 101)), None, bins=10, max_categories=30)
    assert bins.strangers(column(np.array([-1.0, 1.0, 0.3, -1.01, 7.0, np.inf]))) == 3


def test_rare_categories_share_a_bin_and_unseen_ones_are_strangers():
    bins = cut(strings("UA", "UA", "UA", "B6", "B6", "EV", None), None, bins=10, max_categories=2)
    assert isinstance(bins, CategoryBins)
    assert bins.names == ["UA", "B6"]
    live = strings("UA", "EV", "ZZ", "ZZ", None)
    assert bins.counts(live).tolist() == [1, 0, 3]
    assert (bins.strangers(live), bins.present(live)) == (2, 4)


def test_strangers_are_not_guessed_where_the_reference_has_more_values_than_its_sketch_holds():
    many = strings(*[f"N{i}" for i in range(5_000)])
    bins = cut(many, None, bins=10, max_categories=30)
    assert bins.known is None
    assert np.isnan(bins.strangers(strings("never seen")))


def test_booleans_are_numbers_so_that_a_service_may_send_them_as_0_and_1():
    bins = cut(column(np.array([True, True, False])), None, bins=10, max_categories=30)
    live = column(np.array([1.0, 0.0, 0.0]))
    assert bins.present(live) == 3
    assert bins.counts(live)[bins.counts(live) > 0].tolist() == [2, 1]


def test_strings_in_a_numeric_column_count_as_missing():
    bins = cut(column(np.arange(100.0)), None, bins=10, max_categories=30)
    assert bins.present(strings("12", "13")) == 0
    assert bins.counts(strings("12", "13")).sum() == 0


def test_a_column_that_was_always_missing_has_no_bins():
    assert cut(column(np.full(5, np.nan)), None, bins=10, max_categories=30) is None


@pytest.mark.parametrize("reference", [[-np.inf, 0.0, 1.0, np.inf], [np.inf, np.inf], [5.0]])
def test_infinities_and_single_values_are_counted_without_harm(reference):
    reference = column(np.array(reference))
    bins = cut(reference, column(np.array([np.nan])), bins=10, max_categories=30)
    live = column(np.array([0.5, np.inf, -np.inf]))
    assert bins.counts(live).sum() == 3
    assert 0 <= bins.strangers(live) <= 3
    assert np.isfinite(bins.grid).all()
