"""What each column of a table is proposed for, and why."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from stillroom.adoption.columns import measure
from stillroom.adoption.roles import Role, role_of

ROWS = 2000
RANDOM = np.random.default_rng(0)


def role(name: str, values: object) -> Role:
    (column,) = measure(pl.LazyFrame({name: values}))
    return role_of(column)


def words(count: int) -> list[str]:
    return [f"w{number}" for number in RANDOM.integers(count, size=ROWS)]


@pytest.mark.parametrize(
    ("name", "values", "part", "why"),
    [
        ("price", RANDOM.normal(size=ROWS), "numeric", "to"),
        ("children", RANDOM.integers(0, 5, ROWS), "numeric", "whole numbers, 0 to 4"),
        ("flag", RANDOM.integers(0, 2, ROWS), "numeric", "whole numbers, 0 to 1"),
        ("half", [None, 1.0] * (ROWS // 2), "numeric", "50.0% missing"),
        ("active", RANDOM.random(ROWS) < 0.5, "categorical", "true or false"),
        ("colour", words(5), "categorical", "5 different texts"),
        ("city", words(150), "categorical", "150 different texts; .* hold a rare one"),
        ("zip_code", RANDOM.integers(10, 60, ROWS) * 100, "categorical", "numbers that name things: 50 different"),
        ("postal code", RANDOM.integers(0, 10**6, ROWS), "forbidden", "too many to learn each"),
        ("title", words(10**6), "forbidden", "identifier|hardly repeat"),
        (
            "text",
            [f"{a} is not {b} at all" for a, b in zip(words(900), words(900), strict=True)],
            "forbidden",
            "free text",
        ),
        ("CustomerID", RANDOM.permutation(10**6)[:ROWS], "row_id", "identifier: 2,000 different values"),
        ("n", range(5, ROWS + 5), "row_id", "identifier"),
        ("ref", [f"X-{number}" for number in range(ROWS)], "row_id", "identifier"),
        ("patient_id", RANDOM.integers(0, 400, ROWS), "group", "rows each"),
        ("empty", [None] * ROWS, "forbidden", "missing in every row"),
        ("same", ["x"] * ROWS, "forbidden", "constant"),
        (
            "day",
            [dt.date(2024, 1, 1) + dt.timedelta(n % 90) for n in range(ROWS)],
            "forbidden",
            "dates, 2024-01-01 to 2024-03-30",
        ),
        ("list", [[1, 2]] * ROWS, "forbidden", "no single number or text"),
        ("picture", [b"x"] * ROWS, "forbidden", "declare them under image"),
    ],
)
def test_a_column_plays_the_part_that_it_tells_of(name: str, values: object, part: str, why: str) -> None:
    found = role(name, values)
    assert found.part == part
    (column,) = measure(pl.LazyFrame({name: values}))
    assert pl.Series([found.why]).str.contains(why).item(), found.why
    assert column.rows == ROWS


def test_unique_numbers_without_a_telling_name_stay_numbers() -> None:
    assert role("income", RANDOM.permutation(10**6)[:ROWS]).part == "numeric"
