import numpy as np
import pytest

from stillroom.monitoring.bins import cut
from stillroom.monitoring.measures import all_measures, noise
from stillroom.monitoring.tally import Tally

from .days import profile_of


def tallies(rng, reference_rows, window_rows, windows, draw):
    reference = profile_of({"x": draw(rng, reference_rows)}).get_column("x")
    bins = cut(reference, None, bins=10, max_categories=30, room=0.2)
    columns = [profile_of({"x": draw(rng, window_rows)}).get_column("x") for _ in range(windows)]
    return bins, Tally.of(bins, columns, [window_rows] * windows), Tally.of(bins, [reference], [reference_rows])


def numbers_with_gaps(rng, rows):
    return np.where(rng.random(rows) < 0.3, np.nan, rng.normal(size=rows))


def skewed(rng, rows):
    return rng.exponential(size=rows)


@pytest.mark.parametrize("draw", [numbers_with_gaps, skewed])
def test_noise_alone_seldom_passes_what_is_put_down_to_noise(draw):
    bins, windows, reference = tallies(np.random.default_rng(0), 5_000, 400, 400, draw)
    values, limits = all_measures(bins, windows, reference), noise(bins, windows, reference, 0.01)
    assert set(values) == set(limits) == {"psi", "js", "wasserstein", "missing_change", "strangers"}
    assert all((values[key] > limits[key]).mean() <= 0.03 for key in values)
    assert all((2.5 * values[key] > limits[key]).mean() > 0.05 for key in ("psi", "js", "wasserstein"))


def test_values_a_little_beyond_the_range_are_not_out_of_it():
    reference = profile_of({"x": np.linspace(0, 10, 101)}).get_column("x")
    bins = cut(reference, None, bins=10, max_categories=30, room=0.2)
    assert bins.strangers(profile_of({"x": np.array([-1.9, 11.9, -2.1, 12.1])}).get_column("x")) == 2
