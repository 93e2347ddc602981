import numpy as np
import polars as pl
import pytest

from stillroom.monitoring.domain import tell_apart
from stillroom.monitoring.settings import DomainConfig

CONFIG = DomainConfig(rows=1_500, bootstrap=50)


def rows(seed, correlation):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 2_000))
    return pl.DataFrame(
        {"a": a, "b": correlation * a + np.sqrt(1 - correlation**2) * b, "c": rng.choice(["UA", "B6", None], 2_000)}
    )


def test_rows_of_one_distribution_cannot_be_told_apart():
    found = tell_apart(rows(0, 0.8), rows(1, 0.8), CONFIG)
    assert found.low < 0.5 < found.high + 0.02
    assert found.rows == 1_500


def test_a_broken_relation_is_found_though_every_column_is_as_before():
    found = tell_apart(rows(0, 0.8), rows(1, -0.8), CONFIG)
    assert found.low > 0.85
    assert set(list(found.columns)[:2]) == {"a", "b"}


def test_it_can_be_left_out():
    assert tell_apart(rows(0, 0), rows(1, 0), DomainConfig(enabled=False)) is None


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="a side has 3 rows"):
        tell_apart(rows(0, 0).head(3), rows(1, 0), CONFIG)
