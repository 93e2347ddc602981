import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from stillroom.monitoring.distances import jensen_shannon, psi, psi_noise, wasserstein


def test_psi_of_a_worked_example():
    expected = (0.6 - 0.5) * np.log(0.6 / 0.5) + (0.4 - 0.5) * np.log(0.4 / 0.5)
    assert psi(np.array([60.0, 40.0]), np.array([500.0, 500.0])) == pytest.approx(expected)


def test_psi_does_not_grow_with_the_number_of_rows():
    counts, reference = np.array([6.0, 4.0]), np.array([5.0, 5.0])
    assert psi(1e6 * counts, 1e6 * reference) == pytest.approx(psi(counts, reference))


def test_one_unseen_value_among_ten_thousand_is_next_to_nothing():
    assert psi(np.array([10_000.0, 1.0]), np.array([10_000.0, 0.0])) < 0.001


def test_an_empty_window_has_no_distance():
    assert np.isnan(psi(np.zeros(3), np.ones(3)))
    assert np.isnan(jensen_shannon(np.zeros(3), np.ones(3)))


@pytest.mark.parametrize("rows", [200, 2_000, 20_000])
def test_noise_passes_its_threshold_as_often_as_declared(rows):
    rng = np.random.default_rng(0)
    shares = np.full(10, 0.1)
    windows = rng.multinomial(rows, shares, size=5_000).astype(float)
    reference = rng.multinomial(5 * rows, shares, size=5_000).astype(float)
    limit = psi_noise(np.array([rows]), np.array([5 * rows]), bins=10, chance=0.05)
    assert (psi(windows, reference) > limit).mean() == pytest.approx(0.05, abs=0.015)


def test_jensen_shannon_agrees_with_scipy():
    rng = np.random.default_rng(1)
    p, q = rng.integers(0, 50, (2, 8)).astype(float)
    assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, base=2))
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0


def test_wasserstein_agrees_with_scipy_in_units_of_the_scale():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=500), rng.normal(0.7, 2, size=400)
    points = np.sort(np.concatenate([a, b]))
    cdf = [np.searchsorted(np.sort(x), points, side="right") / len(x) for x in (a, b)]
    assert wasserstein(cdf[0], cdf[1], points, scale=2.0) == pytest.approx(wasserstein_distance(a, b) / 2)
