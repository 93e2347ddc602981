from pathlib import Path

import pytest
from omegaconf import OmegaConf
from pydantic import ValidationError

from compression.candidates import candidate
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import choose
from stillroom.resources import CostConfig

CONF = Path(__file__).parents[2] / "conf/base/budget"


@pytest.mark.parametrize(
    ("latency_us", "rows", "price", "cost"),
    [
        (3600, 1, 1, 1),  # a million rows of 3.6 ms are an hour
        (3600, 1000, 1, 0.001),
        (36, 1, 0.04, 0.0004),
    ],
)
def test_a_million_predictions_cost_the_time_they_take(latency_us: float, rows: int, price: float, cost: float) -> None:
    assert BudgetConfig(cost=CostConfig(cpu_hour=price)).cost_per_million(latency_us, rows) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("budget", "longest"),
    [
        ({}, None),
        ({"max_latency_us": 10}, None),
        ({"max_latency_us": 10, "batch_size": 1}, 10),
        ({"max_batch_latency_us": 500}, 500),
        ({"max_batch_latency_us": 500, "max_cost_per_million": 0.001, "cost": {"cpu_hour": 1}}, 500),
        ({"max_batch_latency_us": 5000, "max_cost_per_million": 0.001, "cost": {"cpu_hour": 1}}, 3600),
    ],
)
def test_the_longest_batch_is_that_of_the_tightest_limit(budget: dict, longest: float | None) -> None:
    assert BudgetConfig.model_validate(budget).longest_batch_us == pytest.approx(longest)


def test_every_budget_that_is_offered_says_what_it_is_for() -> None:
    declared = {file.stem: BudgetConfig.model_validate(OmegaConf.load(file)) for file in CONF.glob("*.yaml")}
    assert {name: budget.optimise for name, budget in declared.items()} == {
        "default": "quality",
        "best": "quality",
        "edge": "size",
        "realtime": "latency",
    }
    assert declared["edge"].max_size_kb < 100
    assert declared["best"] == BudgetConfig()


FITTING = {
    "default": "student",  # the teacher is too large and too slow, the rest loses more
    "best": "teacher",
    "edge": "int8",  # the smallest but for one that loses more than 0.01
    "realtime": "pruned",  # the fastest but for those that lose more than 0.005
}


@pytest.mark.parametrize("file", sorted(CONF.glob("*.yaml")), ids=lambda file: file.stem)
def test_each_budget_that_is_offered_chooses_what_it_is_for(file: Path) -> None:
    budget = BudgetConfig.model_validate(OmegaConf.load(file))
    made = [
        ("teacher", 0.720, 900, 300, 90_000),
        ("student", 0.719, 120, 20, 900),
        ("pruned", 0.716, 60, 15, 500),
        ("int8", 0.7105, 20, 18, 300),
        ("tiny", 0.700, 5, 10, 100),
    ]
    assert choose([candidate(*each) for each in made], budget, "binary").chosen == FITTING[file.stem]


@pytest.mark.parametrize(
    "wrong", [{"batch_size": 0}, {"price_per_core_hour": 1}, {"optimise": "speed"}, {"provider": "Cuda"}]
)
def test_what_cannot_be_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        BudgetConfig.model_validate(wrong)
