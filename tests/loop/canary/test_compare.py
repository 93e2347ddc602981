"""A new version passes where it is as good, by effect sizes that chance does not reach."""

import numpy as np
import pytest

from stillroom.loop.canary.compare import compare, percentile, stability
from stillroom.loop.canary.counts import Counts
from stillroom.loop.settings import CanaryConfig

FAST, SLOW = {"0.001": 95, "0.0025": 5}, {"0.001": 10, "0.05": 90}
OLD = Counts(requests=1000, failed=5, seconds=FAST, predictions={"0.1": 600, "0.5": 300, "0.9": 100})
CONFIG = CanaryConfig()


def test_a_version_that_does_as_the_one_before_has_nothing_against_it() -> None:
    new = Counts(requests=100, failed=1, seconds=FAST, predictions={"0.1": 55, "0.5": 35, "0.9": 10})
    assert compare(new, OLD, CONFIG) == []


@pytest.mark.parametrize(
    ("worse", "sentence"),
    [
        ({"failed": 3}, "3.0% of the new version's 100 requests failed, against 0.5% of 1000"),
        ({"seconds": SLOW}, "The new version's 95th percentile of latency is 47.3 ms, against 1 ms"),
        (
            {"predictions": {"0.1": 5, "0.5": 5, "0.9": 90}},
            "The new version predicts otherwise than the one before it: PSI 3.46, 0.50 allowed",
        ),
    ],
)
def test_what_speaks_against_a_version_is_said(worse: dict[str, object], sentence: str) -> None:
    as_good = {"requests": 100, "failed": 0, "seconds": FAST, "predictions": {"0.1": 60, "0.5": 30, "0.9": 10}}
    assert compare(Counts.model_validate(as_good | worse), OLD, CONFIG) == [sentence]


def test_a_latency_that_nobody_notices_is_never_too_slow() -> None:
    new = OLD.model_copy(update={"seconds": {"0.001": 10, "0.005": 90}})
    assert compare(new, OLD, CONFIG) == []


def test_a_percentile_lies_in_a_straight_line_within_its_bucket() -> None:
    assert percentile({"0.1": 50, "0.2": 50, "+Inf": 0}, 0.75) == pytest.approx(0.15)
    assert percentile({"0.1": 50, "+Inf": 50}, 0.95) == float("inf")


def test_few_requests_of_the_same_predictions_stay_below_what_chance_reaches() -> None:
    draw = np.random.default_rng(0)
    shares = np.array([0.4, 0.3, 0.2, 0.05, 0.05])
    old = dict(zip("abcde", draw.multinomial(2000, shares).tolist(), strict=True))
    passed = 0
    for _ in range(500):
        new = dict(zip("abcde", draw.multinomial(40, shares).tolist(), strict=True))
        found, by_chance = stability(new, old)
        passed += found > by_chance
    assert passed <= 5
