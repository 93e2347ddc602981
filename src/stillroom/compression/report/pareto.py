"""The candidates as a Pareto picture: quality against latency, size as area."""

import math
from itertools import pairwise
from typing import Any

from stillroom.compression.report.evidence import TEACHER, Candidate, Evidence, candidates
from stillroom.pages import Axis, log_axis, round_axis
from stillroom.pages.numbers import METRIC_NAMES, duration, score, size
from stillroom.table.metrics import HIGHER_IS_BETTER

# A phone's picture, in px: labels that do not overlap there overlap nowhere.
WIDE, HIGH, LETTER, LINE, BIGGEST = 310.0, 260.0, 6.6, 15.0, 40.0
FAR = 6.0  # a limit this many times beyond the slowest candidate is left out of the picture
Box = tuple[float, float, float, float]


def pareto_picture(found: Evidence) -> dict[str, Any]:
    """Dots, the front, the budget's limit and LightGBM's line, in percent of the picture; better is further up."""
    shown = candidates(found.measurements, found.choice)
    metric, limit = found.choice.metric, found.budget.max_latency_us
    yardstick = found.yardsticks["lightgbm"][metric]
    latencies = [c.figures.single.median_us for c in shown]
    near = [limit] if limit and limit < FAR * max(latencies) else []
    across = log_axis([*latencies, *near])
    upward = round_axis([*(c.quality for c in shown), yardstick])
    dots = [_dot(c, across, upward, found) for c in shown]
    _label(dots)
    return {
        "dots": sorted(dots, key=lambda dot: -dot["wide"]),
        "front": _steps(sorted((dot["left"], dot["top"]) for dot in dots if dot["front"])),
        "limit": across.place(near[0]) if near else None,
        "lightgbm": _top(upward, yardstick, metric),
        "across": [(place, f"{text} µs") for place, text in across.across()],
        "upward": upward.upward() if HIGHER_IS_BETTER[metric] else upward.across(),
        "largest": max(c.figures.size_kb for c in shown),
    }


def _dot(candidate: Candidate, across: Axis, upward: Axis, found: Evidence) -> dict[str, Any]:
    figures, metric = candidate.figures, found.choice.metric
    largest = max(m.size_kb for m in found.measurements.candidates)
    told = f"{candidate.name}: {METRIC_NAMES[metric]} {score(candidate.quality)}, "
    told += f"{duration(figures.single.median_us)}, {size(figures.size_kb)}\n{candidate.verdict.reason}"
    return {
        "name": candidate.name,
        "left": across.place(figures.single.median_us),
        "top": _top(upward, candidate.quality, metric),
        "wide": round(math.sqrt(figures.size_kb / largest), 3),
        "chosen": candidate.verdict.chosen,
        "front": candidate.on_front,
        "over": bool(candidate.verdict.broken),
        "text": told,
        "side": None,
    }


def _top(upward: Axis, quality: float, metric: str) -> float:
    return upward.top(quality) if HIGHER_IS_BETTER[metric] else upward.place(quality)


def _steps(points: list[tuple[float, float]]) -> str:
    """The front as stairs from the fastest to the best."""
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
