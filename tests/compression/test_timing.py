from itertools import groupby

import numpy as np
import pytest

from compression import broken
from stillroom.compression.gate import open_session
from stillroom.compression.timing import first_rows, latency, median_interval, time_in_turns, time_models


def test_models_are_timed_in_turn_and_the_first_call_of_a_turn_is_not() -> None:
    calls: list[str] = []
    seconds = time_in_turns({name: lambda name=name: calls.append(name) for name in "ab"}, turns=3, calls=4)
    assert ["".join(turn) for _, turn in groupby(calls)] == ["aaaaa", "bbbbb"] * 3
    assert seconds["a"].shape == seconds["b"].shape == (3, 4)
    assert (seconds["a"] > 0).all()


def test_there_are_turns_enough_for_an_interval() -> None:
    timed = time_models({"right": open_session(broken.right())}, broken.FEEDS, rows=30, turns=1, calls=2)
    assert (timed["right"].rows, timed["right"].runs) == (30, 12)


@pytest.mark.parametrize(("turns", "beyond"), [(6, 1), (8, 1), (9, 2), (20, 6), (100, 40)])
def test_the_interval_is_that_of_the_tables(turns: int, beyond: int) -> None:
    """The ranks of the sign test's interval at 95 %, such as in Conover 1999, table A3."""
    values = np.random.default_rng(0).permutation(turns) + 1.0
    assert median_interval(values) == (beyond, turns + 1 - beyond)


@pytest.mark.parametrize("turns", [6, 20, 100])
def test_the_interval_holds_the_median_as_often_as_it_says_though_calls_of_a_turn_are_alike(turns: int) -> None:
    draw = np.random.default_rng(turns)
    held = 0
    for _ in range(1000):
        states, jitter = draw.lognormal(0, 0.3, (turns, 1)), draw.lognormal(0, 0.02, (turns, 10))
        found = latency(20e-6 * states * jitter, rows=1)
        held += found.low_us <= 20 <= found.high_us
    assert held > 940


def test_a_latency_tells_median_interval_and_tail_in_microseconds() -> None:
    seconds = np.repeat(np.arange(1, 21)[:, None], 10, axis=1) * 1e-6
    seconds[:, 0] = 1e-3  # one slow call a turn moves the tail, not the median
    found = latency(seconds, rows=64)
    assert (found.median_us, found.low_us, found.high_us) == (pytest.approx(10.5), pytest.approx(6), pytest.approx(15))
    assert found.p99_us == pytest.approx(1000)
    assert (found.runs, found.batch) == (200, "64 rows")


def test_rows_are_repeated_where_there_are_fewer_than_wanted() -> None:
    rows = {"a": np.array([[1.0], [2.0]], np.float32), "t": np.array([["x"], [""]], object)}
    assert first_rows(rows, 5)["a"].tolist() == [[1.0], [2.0], [1.0], [2.0], [1.0]]
    assert first_rows(rows, 1)["t"].tolist() == [["x"]]
    pictures = {"p": np.zeros((2, 8, 8, 3), np.uint8)}
    assert first_rows(pictures, 3)["p"].shape == (3, 8, 8, 3)
