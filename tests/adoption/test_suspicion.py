"""Columns that predict the target too well to be true."""

import numpy as np
import polars as pl
import pytest

from stillroom.adoption.suspicion import suspicious
from stillroom.table.spec import Task

ROWS = 4000
RANDOM = np.random.default_rng(1)
NOISE = np.clip(RANDOM.normal(size=ROWS), -2, 2)


@pytest.mark.parametrize(
    ("task", "target"),
    [
        ("binary", np.where(NOISE > 1, "yes", "no")),
        ("multiclass", np.array(list("abcde"))[np.digitize(NOISE, [-1, -0.3, 0.3, 1])]),
        ("regression", NOISE * 10 + 3),
    ],
)
def test_what_gives_the_target_away_is_found_and_what_only_helps_is_not(task: Task, target: np.ndarray) -> None:
    frame = pl.DataFrame(
        {
            "leak": NOISE,
            "leak_with_gaps": pl.Series(NOISE).set(pl.Series(RANDOM.random(ROWS) < 0.0005), None),
            "code": [f"c{value}" for value in np.floor(NOISE * 10)],
            "helps": NOISE + RANDOM.normal(size=ROWS),
            "nothing": RANDOM.normal(size=ROWS),
            "target": target,
        }
    )
    found = suspicious(frame, frame.columns[:-1], "target", task)
    assert list(found) == ["leak", "leak_with_gaps", "code"]
    assert 0.99 <= float(found["leak"].split(" on rows")[0].split()[-1]) <= 1
