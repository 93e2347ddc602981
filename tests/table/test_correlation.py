"""Correlation where values are missing, held against pandas and NumPy's masked arrays."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from stillroom.table.correlation import correlated_pairs, pairwise_correlation


@pytest.fixture(scope="module")
def gappy():
    random = np.random.default_rng(3)
    values = random.normal(size=(400, 5)) @ random.normal(size=(5, 5)) * [1, 1e6, 1e-6, 5, 1] + [0, 1e7, 0, -3, 0]
    values[random.random(values.shape) < [0, 0.1, 0.3, 0.6, 0.9]] = np.nan
    # What is missing depends on the other column, so that each pair has means of its own.
    values[values[:, 0] > 0.5, 1] = np.nan
    return values


def test_it_is_pandas_correlation(gappy):
    correlation, together = pairwise_correlation(gappy)

    np.testing.assert_allclose(correlation, pd.DataFrame(gappy).corr(), atol=1e-9)
    assert together[0, 1] == (~np.isnan(gappy[:, [0, 1]]).any(1)).sum()


def test_it_is_numpy_s_masked_correlation(gappy):
    for i, j in [(0, 1), (1, 2), (2, 3)]:
        masked = np.ma.masked_invalid(gappy[:, [i, j]])
        expected = np.ma.corrcoef(np.ma.mask_rows(masked), rowvar=False)[0, 1]

        assert pairwise_correlation(gappy)[0][i, j] == pytest.approx(expected, abs=1e-9)


def test_infinities_are_missing():
    values = np.array([[1, 2], [2, 4], [3, 6.5], [np.inf, 0]])

    assert pairwise_correlation(values)[0][0, 1] == pytest.approx(np.corrcoef(values[:3].T)[0, 1])


def test_a_column_that_does_not_vary_correlates_with_nothing():
    correlation, _ = pairwise_correlation(np.array([[1.0, 5], [2, 5], [3, 5], [4, 5]]))

    assert correlation[0, 1] == 0
    assert pairwise_correlation(np.full((4, 2), np.nan))[0].tolist() == [[0, 0], [0, 0]]


def test_pairs_are_named_strongest_first():
    x = np.arange(100.0)
    noise = np.random.default_rng(0).normal(size=(2, 100))
    table = pl.LazyFrame({"x": x, "near": x + 5 * noise[0], "twin": -2 * x, "other": noise[1]})
    pairs = correlated_pairs(table, ["x", "near", "twin", "other"])

    assert [pair["columns"] for pair in pairs] == [["x", "twin"], ["x", "near"], ["near", "twin"]]
    assert [pair["correlation"] for pair in pairs][:2] == [pytest.approx(-1), pytest.approx(0.985, abs=0.01)]


def test_columns_seldom_filled_together_are_no_pair():
    x = np.arange(100.0)
    table = pl.LazyFrame({"x": np.where(x < 60, x, np.nan), "y": np.where(x > 40, x, np.nan)})
    few = pl.LazyFrame({"x": [1.0, 2, 3], "y": [1.0, 2, 3]})

    assert correlated_pairs(table, ["x", "y"]) == []
    assert correlated_pairs(few, ["x", "y"]) == []
