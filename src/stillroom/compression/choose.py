"""Choose the candidate that the budget affords, and say of every other why not."""

import math
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from stillroom.compression.budget import BudgetConfig, Objective
from stillroom.compression.front import dominated_by
from stillroom.compression.measure import Measured
from stillroom.compression.quality import TINY, best_quality, quality_loss
from stillroom.compression.speed import against, counted_us, no_faster, told
from stillroom.pages.numbers import size
from stillroom.table.errors import InputError
from stillroom.table.metrics import MAIN_METRIC
from stillroom.table.spec import Task

# A loss of 0.72 - 0.71 meets a limit of 0.01, though in floating point it is larger.
ROUNDING = 1e-9
LIMITS: dict[str, Objective] = {
    "max_size_kb": "size",
    "max_latency_us": "latency",
    "max_batch_latency_us": "batch_latency",
    "max_cost_per_million": "cost",
    "max_quality_loss": "quality",
}
BY_SPEED: tuple[Objective, ...] = ("latency", "batch_latency", "cost")


class BudgetError(InputError):
    """No candidate fits the budget; the message names the nearest miss and by how much it misses."""


class Verdict(BaseModel):
    """One candidate against the budget, and why it was or was not chosen.

    ``broken`` are the limits that it breaks, each with the figure that does; ``dominated_by`` a candidate on the
    Pareto front that beats it, None where it is on the front itself; ``no_faster`` has the batches at which a quantised
    one gains no speed, each with its median and its source's. ``cost_per_million`` predictions is that of the declared
    batch size, in the budget's currency.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    chosen: bool = False
    reason: str
    broken: dict[str, float]
    dominated_by: str | None
    no_faster: dict[str, str]
    cost_per_million: float


class Choice(BaseModel):
    """The chosen candidate and the verdict on each."""

    model_config = ConfigDict(frozen=True)

    chosen: str
    metric: str
    verdicts: list[Verdict]


def choose(measured: list[Measured], budget: BudgetConfig, task: Task) -> Choice:
    """The best candidate that fits the budget, by what the budget optimises; ties go to the smaller file.

    A quantised candidate that is no faster than its source by more than noise counts as being as slow as its source,
    and behind it: it may be chosen for its size, never for its latency.

    Raises BudgetError where none fits, and ValueError where the test split does not define the primary metric.
    """
    verdicts = judge(measured, budget, task)
    chosen = next((verdict.name for verdict in verdicts if verdict.chosen), None)
    if chosen is None:
        raise BudgetError(_nearest_miss(verdicts, budget))
    return Choice(chosen=chosen, metric=MAIN_METRIC[task], verdicts=verdicts)


def judge(measured: list[Measured], budget: BudgetConfig, task: Task) -> list[Verdict]:
    """The verdict on each candidate, one of them chosen where any fits; raises as `choose` does, but BudgetError."""
    _check(measured, MAIN_METRIC[task])
    cases = _cases(measured, budget, task)
    fitting = [case for case in cases.values() if not case.broken]
    best = min(fitting, key=lambda case: _rank(case, cases, budget), default=None)
    front = dominated_by(measured, MAIN_METRIC[task])
    return [
        Verdict(
            name=name,
            chosen=case is best,
            reason=_reason(case, best, budget, task),
            broken=case.broken,
            dominated_by=front[name],
            no_faster=case.no_faster,
            cost_per_million=budget.cost_per_million(case.m.many.median_us, case.m.many.rows),
        )
        for name, case in cases.items()
    ]


@dataclass(frozen=True)
class _Case:
    """What counts of a candidate (less is better) by what may be optimised, and the limits that it breaks."""

    m: Measured
    counted: dict[Objective, float]
    broken: dict[str, float]
    no_faster: dict[str, str]


def _cases(measured: list[Measured], budget: BudgetConfig, task: Task) -> dict[str, _Case]:
    by_name, metric, cases = {m.name: m for m in measured}, MAIN_METRIC[task], {}
    best = best_quality(measured, metric)
    for m in measured:
        source = by_name[m.source] if m.source else None
        batch_us = counted_us(m.many, source.many if source else None)
        counted: dict[Objective, float] = {
            "quality": quality_loss(m.metrics[metric], best, metric),
            "latency": counted_us(m.single, source.single if source else None),
            "batch_latency": batch_us,
            "cost": budget.cost_per_million(batch_us, m.many.rows),
            "size": m.size_kb,
        }
        cases[m.name] = _Case(m, counted, _broken(counted, budget), no_faster(m, source))
    return cases


def _broken(counted: dict[Objective, float], budget: BudgetConfig) -> dict[str, float]:
    limits = {limit: getattr(budget, limit) for limit in LIMITS}
    over = {limit: counted[LIMITS[limit]] for limit, allowed in limits.items() if allowed is not None}
    return {limit: figure for limit, figure in over.items() if figure > limits[limit] * (1 + ROUNDING)}


def _rank(case: _Case, cases: dict[str, _Case], budget: BudgetConfig) -> tuple[float, bool, float]:
    """Less is better: what is optimised; where that is speed, having it of one's own; then the size of the file."""
    aim = budget.optimise
    source = cases[case.m.source] if case.m.source else None
    borrowed = aim in BY_SPEED and source is not None and case.counted[aim] >= source.counted[aim]
    return case.counted[aim], borrowed, case.m.size_kb


def _reason(case: _Case, best: _Case | None, budget: BudgetConfig, task: Task) -> str:
    aim = budget.optimise
    goal = aim.replace("_", " ")
    if case.broken:
        reason = f"breaks {_limits(case.broken, budget)}"
    elif best is None or case is best:
        reason = f"the best {goal} within the budget"
    elif case.counted[aim] > best.counted[aim]:
        reason = f"fits, but {best.m.name} has the better {goal}: {_compare(case.m, best.m, task)}"
    elif case.m.size_kb >= best.m.size_kb:
        reason = f"fits and is as good, but {best.m.name} is the smaller file: {_compare(case.m, best.m, task)}"
    else:
        reason = f"fits, but is not chosen for its {goal}"
    return "; ".join(filter(None, [reason, told(case.no_faster, case.m.source)]))


def _limits(broken: dict[str, float], budget: BudgetConfig) -> str:
    return ", ".join(f"{limit} {getattr(budget, limit):g}: {figure:.4g}" for limit, figure in broken.items())


def _compare(m: Measured, best: Measured, task: Task) -> str:
    metric = MAIN_METRIC[task]
    quality = f"{metric} {m.metrics[metric]:.4f} against {best.metrics[metric]:.4f}"
    sizes = f"{size(m.size_kb)} against {size(best.size_kb)}"
    pairs = zip(m.latencies, best.latencies, strict=True)
    return ", ".join([quality, sizes, *(f"{against(mine, theirs)} for {mine.batch}" for mine, theirs in pairs)])


def _nearest_miss(verdicts: list[Verdict], budget: BudgetConfig) -> str:
    def excess(verdict: Verdict) -> float:
        return max(figure / max(getattr(budget, limit), TINY) for limit, figure in verdict.broken.items())

    nearest = min(verdicts, key=excess)
    times = f"{excess(nearest):.2f} times the limit" + (" at worst" if len(nearest.broken) > 1 else "")
    return (
        f"no candidate fits the budget; the nearest miss is {nearest.name}, which breaks "
        f"{_limits(nearest.broken, budget)} ({times}): "
        "raise that limit in the budget group, or compress further"
    )


def _check(measured: list[Measured], metric: str) -> None:
    if any(math.isnan(m.metrics[metric]) for m in measured):
        raise ValueError(f"the test split does not define {metric}: it has rows of one class only; split otherwise")
