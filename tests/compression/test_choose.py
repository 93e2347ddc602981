import math

import pytest

from stillroom.compression.choose import BudgetError, choose, quality_loss
from stillroom.compression.measure import Latency, Measured
from stillroom.compression.settings import BudgetConfig


def candidate(
    name: str, quality: float, size_kb: float, single: float, many: float, *, metric: str = "roc_auc"
) -> Measured:
    one, thousand = (Latency(median_us=m, p99_us=2 * m, runs=10) for m in (single, many))
    return Measured(name=name, size_kb=size_kb, metrics={metric: quality}, single=one, many=thousand)


CANDIDATES = [
    candidate("teacher", 0.72, 2000, 300, 90_000),
    candidate("student", 0.71, 60, 20, 900),
    candidate("pruned", 0.70, 30, 15, 500),
    candidate("int8", 0.69, 20, 18, 300),
]


@pytest.mark.parametrize(
    ("optimise", "chosen"), [("quality", "teacher"), ("latency", "pruned"), ("batch_latency", "int8"), ("size", "int8")]
)
def test_without_limits_the_best_of_what_is_optimised_is_chosen(optimise: str, chosen: str) -> None:
    choice = choose(CANDIDATES, BudgetConfig.model_validate({"optimise": optimise}), "binary")
    assert choice.chosen == chosen
    assert [v.name for v in choice.verdicts if v.chosen] == [chosen]
    assert next(v.reason for v in choice.verdicts if v.chosen).startswith("the best")
    assert choice.metric == "roc_auc"


@pytest.mark.parametrize(
    ("limit", "broken_by"),
    [
        ({"max_size_kb": 60}, ["teacher"]),
        ({"max_size_kb": 59.9}, ["teacher", "student"]),
        ({"max_latency_us": 17}, ["teacher", "student", "int8"]),
        ({"max_batch_latency_us": 500}, ["teacher", "student"]),
        ({"max_quality_loss": 0.01}, ["pruned", "int8"]),
    ],
)
def test_each_limit_rejects_whom_it_should_and_says_so(limit: dict, broken_by: list[str]) -> None:
    verdicts = choose(CANDIDATES, BudgetConfig.model_validate(limit), "binary").verdicts
    assert [v.name for v in verdicts if v.broken] == broken_by
    (name,) = limit
    for verdict in verdicts:
        assert verdict.reason.startswith(f"breaks {name} {limit[name]:g}: ") == (verdict.name in broken_by)


def test_the_loser_is_told_what_beat_it() -> None:
    reasons = {v.name: v.reason for v in choose(CANDIDATES, BudgetConfig(max_size_kb=100), "binary").verdicts}
    assert reasons["pruned"] == (
        "fits, but student has the better quality: roc_auc 0.7000 against 0.7100, 30 kB against 60, 15 µs against 20"
    )


def test_a_tie_goes_to_the_smaller_file() -> None:
    tied = [candidate("large", 0.7, 50, 10, 10), candidate("small", 0.7, 40, 20, 20)]
    choice = choose(tied, BudgetConfig(), "binary")
    assert choice.chosen == "small"
    assert choice.verdicts[0].reason.startswith("fits and is as good, but small is the smaller file")


def test_where_nothing_fits_the_nearest_miss_is_named_with_the_limit_and_by_how_much() -> None:
    with pytest.raises(BudgetError, match=r"the nearest miss is int8, which breaks max_size_kb 10: 20 \(2.00 times"):
        choose(CANDIDATES, BudgetConfig(max_size_kb=10), "binary")
    with pytest.raises(
        BudgetError, match=r"nearest miss is pruned.*max_latency_us 10: 15, max_quality_loss 0.015: 0.02"
    ):
        choose(CANDIDATES, BudgetConfig(max_latency_us=10, max_quality_loss=0.015), "binary")


def test_a_lower_rmse_is_better_and_its_loss_is_relative() -> None:
    pair = [candidate("a", 50, 10, 10, 10, metric="rmse"), candidate("b", 55, 5, 5, 5, metric="rmse")]
    assert quality_loss(pair[1], pair[0], "regression") == pytest.approx(0.1)
    assert choose(pair, BudgetConfig(), "regression").chosen == "a"
    assert choose(pair, BudgetConfig(optimise="size", max_quality_loss=0.2), "regression").chosen == "b"
    assert choose(pair, BudgetConfig(optimise="size", max_quality_loss=0.05), "regression").chosen == "a"


def test_a_test_split_of_one_class_decides_nothing() -> None:
    with pytest.raises(ValueError, match="the test split does not define roc_auc"):
        choose([candidate("a", math.nan, 1, 1, 1), *CANDIDATES], BudgetConfig(), "binary")
