"""Choose the candidate that the budget affords, and say of every other why not."""

import math

from pydantic import BaseModel, ConfigDict

from stillroom.compression.measure import Measured
from stillroom.compression.settings import BudgetConfig
from stillroom.table.errors import InputError
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC
from stillroom.table.spec import Task

# A loss of 0.72 - 0.71 meets a limit of 0.01, though in floating point it is larger.
ROUNDING = 1e-9


class BudgetError(InputError):
    """No candidate fits the budget; the message names the nearest miss and by how much it misses."""


class Verdict(BaseModel):
    """One candidate against the budget: the limits it breaks, and why it was or was not chosen."""

    model_config = ConfigDict(frozen=True)

    name: str
    chosen: bool
    reason: str
    broken: list[str]


class Choice(BaseModel):
    """The chosen candidate and the verdict on each."""

    model_config = ConfigDict(frozen=True)

    chosen: str
    metric: str
    verdicts: list[Verdict]


def choose(measured: list[Measured], budget: BudgetConfig, task: Task) -> Choice:
    """The best candidate that fits the budget, by what the budget optimises; ties go to the smaller file.

    Raises BudgetError where none fits, and ValueError where the test split does not define the primary metric.
    """
    metric = MAIN_METRIC[task]
    if any(math.isnan(m.metrics[metric]) for m in measured):
        raise ValueError(f"the test split does not define {metric}: it has rows of one class only; split otherwise")
    excess = {m.name: _excess(m, measured, budget, task) for m in measured}
    fitting = [m for m in measured if not excess[m.name]]
    if not fitting:
        raise BudgetError(_nearest_miss(excess))
    best = min(fitting, key=lambda m: (_rank(m, budget, task), m.size_kb))
    verdicts = [_verdict(m, best, excess[m.name], budget, task) for m in measured]
    return Choice(chosen=best.name, metric=metric, verdicts=verdicts)


def quality_loss(candidate: Measured, best: Measured, task: Task) -> float:
    """How much worse than the best a candidate is, 0 or more; relative where less is better, as of RMSE."""
    metric = MAIN_METRIC[task]
    if HIGHER_IS_BETTER[metric]:
        return best.metrics[metric] - candidate.metrics[metric]
    return candidate.metrics[metric] / best.metrics[metric] - 1


def best_quality(measured: list[Measured], task: Task) -> Measured:
    """The candidate of the best quality."""
    metric = MAIN_METRIC[task]
    return (max if HIGHER_IS_BETTER[metric] else min)(measured, key=lambda m: m.metrics[metric])


def _excess(m: Measured, measured: list[Measured], budget: BudgetConfig, task: Task) -> dict[str, float]:
    """Limit -> how many times over it the candidate is, for the limits that it breaks."""
    figures = {
        "max_size_kb": m.size_kb,
        "max_latency_us": m.single.median_us,
        "max_batch_latency_us": m.many.median_us,
        "max_quality_loss": quality_loss(m, best_quality(measured, task), task),
    }
    broken = {}
    for name, figure in figures.items():
        limit = getattr(budget, name)
        if limit is not None and figure > limit * (1 + ROUNDING):
            broken[f"{name} {limit:g}: {figure:.4g}"] = figure / max(limit, 1e-12)
    return broken


def _rank(m: Measured, budget: BudgetConfig, task: Task) -> float:
    metric = MAIN_METRIC[task]
    quality = m.metrics[metric] * (-1 if HIGHER_IS_BETTER[metric] else 1)
    return {
        "quality": quality,
        "latency": m.single.median_us,
        "batch_latency": m.many.median_us,
        "size": m.size_kb,
    }[budget.optimise]


def _verdict(m: Measured, best: Measured, broken: dict[str, float], budget: BudgetConfig, task: Task) -> Verdict:
    if broken:
        reason = "breaks " + ", ".join(broken)
    elif m.name == best.name:
        reason = f"the best {budget.optimise.replace('_', ' ')} within the budget"
    elif _rank(m, budget, task) == _rank(best, budget, task):
        reason = f"fits and is as good, but {best.name} is the smaller file: {_compare(m, best, task)}"
    else:
        reason = f"fits, but {best.name} has the better {budget.optimise.replace('_', ' ')}: {_compare(m, best, task)}"
    return Verdict(name=m.name, chosen=m.name == best.name, reason=reason, broken=list(broken))


def _compare(m: Measured, best: Measured, task: Task) -> str:
    metric = MAIN_METRIC[task]
    return (
        f"{metric} {m.metrics[metric]:.4f} against {best.metrics[metric]:.4f}, "
        f"{m.size_kb:.0f} kB against {best.size_kb:.0f}, "
        f"{m.single.median_us:.0f} µs against {best.single.median_us:.0f}"
    )


def _nearest_miss(excess: dict[str, dict[str, float]]) -> str:
    name, broken = min(excess.items(), key=lambda item: max(item[1].values()))
    return (
        f"no candidate fits the budget; the nearest miss is {name}, which breaks {', '.join(broken)} "
        f"({max(broken.values()):.2f} times the limit): raise that limit in the budget group, or compress further"
    )
