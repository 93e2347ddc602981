"""Columns of any type, read as the service's inputs read them."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from stillroom.scoring.readers import Plain
from stillroom.table.inputs import NumericInput
from stillroom.table.numeric import NumericColumn


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([1.5, None, float("nan"), float("inf"), 1e300]),
        pl.Series([1.5, None], dtype=pl.Float32),
        pl.Series([2**40, None, -5]),
        pl.Series([2**63 + 12345, None], dtype=pl.UInt64),
        pl.Series([7, 8], dtype=pl.Int8),
        pl.Series([True, None, False]),
        pl.Series([Decimal("1.25"), None]),
        pl.Series([None, None]),
        pl.Series([], dtype=pl.Int64),
    ],
)
def test_numbers_of_every_type_are_those_that_are_served(values: pl.Series) -> None:
    served = NumericInput(name="number")
    number = Plain(served)

    ready = values.to_frame("number").select(number.expression(pl.col("number"), values.dtype))["number"]

    found = number.batch(number.whole(ready))
    np.testing.assert_array_equal(found, served.array(NumericColumn.raw(values)))
    assert found.dtype == np.float32
