import numpy as np
import pytest

from stillroom.monitoring.bins import OTHER, cut
from stillroom.monitoring.overlay import overlay

from .days import profile_of


def shapes(reference, live):
    columns = [profile_of({"x": values}).get_column("x") for values in (reference, live)]
    return overlay(cut(*columns, bins=10, max_categories=30), *columns)


def test_bars_of_a_continuous_column_hold_every_value():
    rng = np.random.default_rng(0)
    found = shapes(rng.normal(size=5_000), rng.normal(2, 1, size=5_000))
    assert len(found["edges"]) == 25
    assert sum(found["reference"]) == pytest.approx(1)
    assert sum(found["live"]) == pytest.approx(1)
    assert np.argmax(found["live"]) > np.argmax(found["reference"])


def test_a_column_of_few_numbers_has_a_bar_a_number():
    found = shapes(np.repeat([1.0, 2.0, 3.0], [50, 30, 20]), np.repeat([2.0, 3.0], 50))
    assert found["reference"] == pytest.approx([0.5, 0.3, 0.2])
    assert found["live"] == pytest.approx([0, 0.5, 0.5])


def test_a_constant_column_and_a_missing_one_have_a_shape():
    assert shapes(np.full(10, 7.0), np.full(10, np.nan)) == {"edges": [6.5, 7.5], "reference": [1.0], "live": [0.0]}


def test_new_categories_are_shown_beside_the_old():
    names = np.array(["UA"] * 6 + ["B6"] * 4, dtype=object)
    found = shapes(names, np.array(["UA", "ZZ"], dtype=object))
    assert found["labels"] == ["UA", "ZZ", "B6", OTHER]
    assert found["reference"] == pytest.approx([0.6, 0, 0.4, 0])
    assert found["live"] == pytest.approx([0.5, 0.5, 0, 0])
