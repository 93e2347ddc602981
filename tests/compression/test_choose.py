import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compression.candidates import CANDIDATES, candidate
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import LIMITS, BudgetError, choose, judge
from stillroom.compression.quality import quality_loss


def reasons(measured: list, budget: BudgetConfig) -> dict[str, str]:
    return {v.name: v.reason for v in judge(measured, budget, "binary")}


@pytest.mark.parametrize(
    ("optimise", "chosen"),
    [("quality", "teacher"), ("latency", "pruned"), ("batch_latency", "int8"), ("cost", "int8"), ("size", "int8")],
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
        ({"max_cost_per_million": 6e-6}, ["teacher", "student"]),  # 0.54 s of a core at 0.04 an hour
    ],
)
def test_each_limit_rejects_whom_it_should_and_says_so(limit: dict, broken_by: list[str]) -> None:
    verdicts = choose(CANDIDATES, BudgetConfig.model_validate(limit), "binary").verdicts
    assert [v.name for v in verdicts if v.broken] == broken_by
    (name,) = limit
    for verdict in verdicts:
        assert verdict.reason.startswith(f"breaks {name} {limit[name]:g}: ") == (verdict.name in broken_by)


def test_the_loser_is_told_what_beat_it() -> None:
    assert reasons(CANDIDATES, BudgetConfig(max_size_kb=100))["pruned"] == (
        "fits, but student has the better quality: roc_auc 0.7000 against 0.7100, 30 kB against 60 kB, "
        "15 µs against 20 µs for 1 row, 500 µs against 900 µs for 1,000 rows"
    )


def test_a_tie_goes_to_the_smaller_file() -> None:
    tied = [candidate("large", 0.7, 50, 10, 10), candidate("small", 0.7, 40, 20, 20)]
    choice = choose(tied, BudgetConfig(), "binary")
    assert choice.chosen == "small"
    assert choice.verdicts[0].reason.startswith("fits and is as good, but small is the smaller file")


def test_each_is_on_the_front_or_dominated_by_one_that_is() -> None:
    also = candidate("pruned_int8", 0.69, 25, 14, 480, source="pruned")
    verdicts = judge([*CANDIDATES, also], BudgetConfig(), "binary")
    assert {v.name: v.dominated_by for v in verdicts} == {
        "teacher": None,
        "student": None,
        "pruned": None,
        "int8": None,
        "pruned_int8": "int8",
    }


def test_a_million_predictions_cost_the_median_of_the_declared_batch() -> None:
    budget = BudgetConfig(batch_size=1000, cost={"cpu_hour": 3.6})
    costs = {v.name: v.cost_per_million for v in judge(CANDIDATES, budget, "binary")}
    assert costs == pytest.approx({"teacher": 0.09, "student": 0.0009, "pruned": 0.0005, "int8": 0.0003})


SLOW_INT8 = candidate("student_int8", 0.71, 20, 18.5, 905, source="student")
STUDENT = candidate("student", 0.71, 60, 17.1, 900)


@pytest.mark.parametrize("optimise", ["latency", "batch_latency", "cost"])
@pytest.mark.parametrize("int8", [SLOW_INT8, candidate("student_int8", 0.71, 20, 17.0, 890, source="student")])
def test_int8_that_is_no_faster_by_more_than_noise_is_not_chosen_for_its_speed(optimise: str, int8: object) -> None:
    verdicts = judge([int8, STUDENT], BudgetConfig.model_validate({"optimise": optimise}), "binary")
    assert [v.name for v in verdicts if v.chosen] == ["student"]
    assert "; int8 is no faster here than student: " in verdicts[0].reason
    assert "not chosen for its" in verdicts[0].reason or "student has the better" in verdicts[0].reason


def test_the_verdict_says_in_figures_that_int8_is_no_faster() -> None:
    verdict, _ = judge([SLOW_INT8, STUDENT], BudgetConfig(), "binary")
    assert verdict.no_faster == {"1 row": "18.5 µs against 17.1 µs", "1,000 rows": "905 µs against 900 µs (noise)"}
    assert verdict.reason.endswith(
        "; int8 is no faster here than student: 18.5 µs against 17.1 µs for 1 row, "
        "905 µs against 900 µs (noise) for 1,000 rows"
    )


def test_int8_that_is_faster_is_chosen_for_its_speed() -> None:
    fast = candidate("student_int8", 0.70, 20, 12, 500, source="student")
    choice = choose([fast, STUDENT], BudgetConfig(optimise="latency"), "binary")
    assert choice.chosen == "student_int8"
    assert choice.verdicts[0].no_faster == {}


def test_int8_that_is_no_faster_may_still_be_chosen_for_its_size() -> None:
    assert choose([SLOW_INT8, STUDENT], BudgetConfig(optimise="size"), "binary").chosen == "student_int8"
    assert choose([SLOW_INT8, STUDENT], BudgetConfig(optimise="latency", max_size_kb=30), "binary").chosen == (
        "student_int8"
    )


def test_noise_lets_no_int8_fit_a_limit_that_its_source_breaks() -> None:
    lucky = candidate("student_int8", 0.71, 20, 16.9, 890, source="student")
    for limit in ({"max_latency_us": 17}, {"max_batch_latency_us": 895}):
        with pytest.raises(BudgetError, match="breaks max_"):
            choose([lucky, STUDENT], BudgetConfig.model_validate(limit), "binary")


def test_where_nothing_fits_the_nearest_miss_is_named_with_the_limit_and_by_how_much() -> None:
    with pytest.raises(BudgetError, match=r"the nearest miss is int8, which breaks max_size_kb 10: 20 \(2.00 times"):
        choose(CANDIDATES, BudgetConfig(max_size_kb=10), "binary")
    both = r"is pruned, .*max_latency_us 10: 15, max_quality_loss 0.015: 0.02 \(1.50 times the limit at worst\)"
    with pytest.raises(BudgetError, match=both):
        choose(CANDIDATES, BudgetConfig(max_latency_us=10, max_quality_loss=0.015), "binary")


def test_a_lower_rmse_is_better_and_its_loss_is_relative() -> None:
    pair = [candidate("a", 50, 10, 10, 10, metric="rmse"), candidate("b", 55, 5, 5, 5, metric="rmse")]
    assert quality_loss(55, 50, "rmse") == pytest.approx(0.1)
    assert choose(pair, BudgetConfig(), "regression").chosen == "a"
    assert choose(pair, BudgetConfig(optimise="size", max_quality_loss=0.2), "regression").chosen == "b"
    assert choose(pair, BudgetConfig(optimise="size", max_quality_loss=0.05), "regression").chosen == "a"


def test_a_test_split_of_one_class_decides_nothing() -> None:
    with pytest.raises(ValueError, match="the test split does not define roc_auc"):
        choose([candidate("a", math.nan, 1, 1, 1), *CANDIDATES], BudgetConfig(), "binary")


FIGURES = st.tuples(*[st.integers(1, 40)] * 4)
BUDGETS = st.fixed_dictionaries(
    {limit: st.none() | st.integers(1, 40) for limit in ("max_size_kb", "max_latency_us", "max_batch_latency_us")}
    | {
        "max_quality_loss": st.none() | st.floats(0, 0.4),
        "max_cost_per_million": st.none() | st.floats(1e-8, 1e-6),
        "optimise": st.sampled_from(["quality", "latency", "batch_latency", "size", "cost"]),
    }
)


@given(st.lists(FIGURES, min_size=1, max_size=5), st.lists(FIGURES, max_size=3), BUDGETS)
def test_the_chosen_fits_every_limit_and_has_its_speed_of_its_own(floats: list, int8s: list, declared: dict) -> None:
    budget = BudgetConfig.model_validate(declared)
    measured = [candidate(f"float{i}", q / 100, *rest) for i, (q, *rest) in enumerate(floats)]
    measured += [candidate(f"int8{i}", q / 100, *rest, source="float0") for i, (q, *rest) in enumerate(int8s)]
    best = max(m.metrics["roc_auc"] for m in measured)

    verdicts = {v.name: v for v in judge(measured, budget, "binary")}
    chosen = [m for m in measured if verdicts[m.name].chosen]

    assert len(chosen) == any(not v.broken for v in verdicts.values())
    assert any(v.dominated_by is None for v in verdicts.values())
    for m in chosen:
        found = {
            "max_size_kb": m.size_kb,
            "max_latency_us": m.single.median_us,
            "max_batch_latency_us": m.many.median_us,
            "max_cost_per_million": budget.cost_per_million(m.many.median_us, 1000),
            "max_quality_loss": best - m.metrics["roc_auc"],
        }
        assert found.keys() == LIMITS.keys()
        limits = {name: getattr(budget, name) for name in found}
        assert all(figure <= limits[k] + 1e-12 for k, figure in found.items() if limits[k] is not None)
        if m.source and budget.optimise in ("latency", "batch_latency", "cost"):
            source = measured[0]
            one = budget.optimise == "latency"
            mine, theirs = (m.single, source.single) if one else (m.many, source.many)
            assert mine.high_us < theirs.low_us or verdicts["float0"].broken
