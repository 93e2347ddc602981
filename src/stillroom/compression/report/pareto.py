"""The candidates as a Pareto picture: quality against latency, size as area."""

import math
from itertools import pairwise
from typing import Any

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.measure import Measured
from stillroom.compression.quality import best_quality, goodness, quality_loss, worst_allowed
from stillroom.compression.report.evidence import TEACHER, Candidate, Evidence, candidates, interval
from stillroom.pages import Axis, log_axis, round_axis
from stillroom.pages.numbers import METRIC_NAMES, duration, score, size
from stillroom.table.metrics import HIGHER_IS_BETTER

# A phone's picture, in px: labels that do not overlap there overlap nowhere.
WIDE, HIGH, LETTER, LINE, BIGGEST = 310.0, 260.0, 6.6, 15.0, 40.0
FAR = 6.0  # a limit this many times beyond the slowest candidate is left out of the picture
Box = tuple[float, float, float, float]


def pareto_picture(found: Evidence) -> dict[str, Any]:
    """Dots, the front, what the budget rules out and LightGBM's line, in percent; better is further up.

    The latency is that of the declared batch, and each dot's `whisker` the interval of its median.
    """
    metric = found.choice.metric
    shown = candidates(found.measurements, found.choice.verdicts, metric)
    yardstick = found.yardsticks["lightgbm"][metric]
    longest, worst = limits(found.measurements.candidates, found.budget, metric)
    reach = [at for c in shown for at in (c.figures.many.low_us, c.figures.many.high_us)]
    across = log_axis([*reach, longest] if longest else reach)
    upward = round_axis([*(c.quality for c in shown), yardstick])
    front = stairs(shown, metric)
    dots = [_dot(c, across, upward, found) for c in shown]
    _label(dots)
    return {
        "batch": shown[0].figures.many.batch,
        "dots": sorted(dots, key=lambda dot: -dot["wide"]),
        "front": _steps([(across.place(c.figures.many.median_us), _top(upward, c.quality, metric)) for c in front]),
        "longest": across.place(longest) if longest else None,
        "worst": _top(upward, worst, metric) if worst is not None else None,
        "lightgbm": _top(upward, yardstick, metric),
        "across": [(across.place(tick), duration(tick)) for tick in across.ticks],
        "upward": upward.upward() if HIGHER_IS_BETTER[metric] else upward.across(),
        "largest": max(c.figures.size_kb for c in shown),
    }


def stairs(shown: list[Candidate], metric: str) -> list[Candidate]:
    """The front from the fastest to the best, without those that are on it for their size alone."""
    front: list[Candidate] = []
    for c in sorted(shown, key=lambda c: (c.figures.many.median_us, -goodness(c.figures, metric))):
        if not front or goodness(c.figures, metric) > goodness(front[-1].figures, metric):
            front.append(c)
    return front


def limits(measured: list[Measured], budget: BudgetConfig, metric: str) -> tuple[float | None, float | None]:
    """The longest latency of the declared batch and the worst quality that a budget allows.

    None where it allows any, or one so far beyond the candidates that a picture need not show it.
    """
    longest = budget.longest_batch_us
    if longest and longest > FAR * max(m.many.median_us for m in measured):
        longest = None
    if budget.max_quality_loss is None:
        return longest, None
    worst = worst_allowed(best_quality(measured, metric), budget.max_quality_loss, metric)
    rules_out = any(quality_loss(m.metrics[metric], worst, metric) > 0 for m in measured)
    return longest, worst if rules_out else None


def _dot(candidate: Candidate, across: Axis, upward: Axis, found: Evidence) -> dict[str, Any]:
    figures, metric = candidate.figures, found.choice.metric
    largest = max(m.size_kb for m in found.measurements.candidates)
    latency, verdict = figures.many, candidate.verdict
    told = f"{candidate.name}: {METRIC_NAMES[metric]} {score(candidate.quality)}, "
    told += f"{duration(latency.median_us)} for {latency.batch} ({interval(latency)}), {size(figures.size_kb)}\n"
    return {
        "name": candidate.name,
        "left": across.place(latency.median_us),
        "whisker": (across.place(latency.low_us), across.place(latency.high_us)),
        "top": _top(upward, candidate.quality, metric),
        "wide": round(math.sqrt(figures.size_kb / largest), 3),
        "chosen": verdict.chosen,
        "front": candidate.on_front,
        "over": bool(verdict.broken),
        "text": told + verdict.reason,
        "side": None,
    }


def _top(upward: Axis, quality: float, metric: str) -> float:
    return upward.top(quality) if HIGHER_IS_BETTER[metric] else upward.place(quality)


def _steps(points: list[tuple[float, float]]) -> str:
    corners = [corner for (_, top), (left, up) in pairwise(points) for corner in ((left, top), (left, up))]
    return " ".join(f"{left},{top}" for left, top in points[:1] + corners)


def _label(dots: list[dict[str, Any]]) -> None:
    """Say on which `side` of its dot a name has room: the chosen, the teacher, then the front."""
    wanted = [dot for dot in dots if dot["chosen"] or dot["front"] or dot["name"] == TEACHER]
    taken = [_dot_box(dot) for dot in dots]
    for dot in sorted(wanted, key=lambda d: (not d["chosen"], d["name"] != TEACHER)):
        free = [
            (side, box)
            for side, box in _label_boxes(dot).items()
            if box[0] >= -30 and box[2] <= WIDE and not any(_overlap(box, other) for other in taken)
        ]
        if free:
            dot["side"] = free[0][0]
            taken.append(free[0][1])
        elif dot["chosen"]:
            dot["side"] = "above"


def _dot_box(dot: dict[str, Any]) -> Box:
    x, y, radius = dot["left"] * WIDE / 100, dot["top"] * HIGH / 100, max(dot["wide"] * BIGGEST / 2, 4)
    return x - radius, y - radius, x + radius, y + radius


def _label_boxes(dot: dict[str, Any]) -> dict[str, Box]:
    left, top, right, bottom = _dot_box(dot)
    x, y, wide = (left + right) / 2, (top + bottom) / 2, LETTER * len(dot["name"]) + 4
    return {
        "right": (right + 2, y - LINE / 2, right + wide, y + LINE / 2),
        "left": (left - wide, y - LINE / 2, left - 2, y + LINE / 2),
        "above": (x - wide / 2, top - LINE - 1, x + wide / 2, top - 1),
        "below": (x - wide / 2, bottom + 1, x + wide / 2, bottom + LINE + 1),
    }


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
