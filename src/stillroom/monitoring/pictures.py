"""Geometry of the page's pictures: shapes in a square of 100 by 100 that the page stretches, texts to set beside it."""

import datetime as dt
from typing import Any

from stillroom.monitoring.verdict import CAUSES
from stillroom.pages import round_axis
from stillroom.pages.numbers import short

_TICKS = 5
_STEPS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.75, 2.5)  # where the heat map changes its colour, in thresholds


def heat_map(report: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a column: its name and a cell a day with `step` 0 to 7 (None: not judged), `alarm` and `text`."""
    return [_heat_row(column, report["days"]) for column in report["columns"]]


def _heat_row(column: dict[str, Any], days: list[str]) -> dict[str, Any]:
    daily = column["daily"]
    cells = []
    for i, date in enumerate(days):
        ratio = daily["ratio"][i]
        step = None if ratio is None else sum(ratio >= edge for edge in _STEPS)
        cells.append({"step": step, "alarm": daily["alarm"][i], "text": _heat_text(column, i, date)})
    return {"name": column["name"], "drifted": column["drifted"], "cells": cells}


def _heat_text(column: dict[str, Any], i: int, date: str) -> str:
    """What the cell's tooltip says: the measure that is nearest to its threshold, or furthest beyond it."""
    head = f"{column['name']}, {date}"
    measured = [
        (
            window[key][i] / window["thresholds"][key][i],
            window[key][i],
            window["thresholds"][key][i],
            key,
            window["days"],
        )
        for window in column["windows"]
        for key in CAUSES
        if window[key][i] is not None
    ]
    if not measured:
        return f"{head}: too few rows"
    _, value, threshold, key, days = max(measured)
    name = "PSI" if key == "psi" else CAUSES[key]
    return f"{head}: {name} {value:.3f} in {days} days, {threshold:.3f} allowed"


def quality_chart(quality: dict[str, Any]) -> dict[str, Any]:
    """The metric a day with its band, the reference's beside it, and axes."""
    days = len(quality["days"])
    before = quality["band_before"]
    marks = [value for key in ("value", "low", "high") for value in quality[key] if value is not None]
    marks += [before[key] for key in ("low", "high")] if before else []
    marks += [quality["limit"]] if quality["limit"] is not None else []
    axis = round_axis(marks)
    across = [100 * (i + 0.5) / days for i in range(days)]

    judged = [i for i in range(days) if quality["value"][i] is not None]
    upper = [f"{across[i]:.2f},{axis.top(quality['high'][i])}" for i in judged]
    lower = [f"{across[i]:.2f},{axis.top(quality['low'][i])}" for i in reversed(judged)]
    return {
        "line": " ".join(f"{across[i]:.2f},{axis.top(quality['value'][i])}" for i in judged),
        "band": " ".join(upper + lower),
        "before": {key: axis.top(value) for key, value in before.items()} if before else None,
        "limit": None if quality["limit"] is None else axis.top(quality["limit"]),
        "ticks": [{"at": at, "text": text} for at, text in axis.upward()],
        "days": [{"at": across[i], "text": _short(quality["days"][i])} for i in _spread(days)],
        "cells": [
            {"at": 100 * i / days, "wide": 100 / days, "alarm": quality["alarm"][i], "text": _quality_text(quality, i)}
            for i in range(days)
        ],
    }


def _quality_text(quality: dict[str, Any], i: int) -> str:
    head = f"{quality['days'][i]}, {quality['rows'][i]:,} rows in the window"
    if quality["value"][i] is None:
        return f"{head}: too few"
    return f"{head}: {quality['value'][i]:.3f} ({quality['low'][i]:.3f} to {quality['high'][i]:.3f})"


def overlay_chart(column: dict[str, Any]) -> dict[str, Any]:
    """Reference and live shares of a column: stepped outlines for numbers, paired bars for categories."""
    shape = column["overlay"]
    highest = max(*shape["reference"], *shape["live"], 1e-12)
    found = {"column": column, "highest": highest, "bars": None, "reference": None, "live": None, "ends": None}
    if "labels" in shape:
        rows = zip(shape["labels"], shape["reference"], shape["live"], strict=True)
        bars = [
            {"label": label, "reference": before, "live": now, "wide": [100 * before / highest, 100 * now / highest]}
            for label, before, now in rows
        ]
        return {**found, "bars": bars}
    edges = shape["edges"]
    places = [100 * (edge - edges[0]) / (edges[-1] - edges[0]) for edge in edges]
    outlines = {side: _steps(places, shape[side], highest) for side in ("reference", "live")}
    return {**found, **outlines, "ends": [short(edges[i]) for i in (0, len(edges) // 2, -1)]}


def _steps(places: list[float], shares: list[float], highest: float) -> str:
    """The outline of a histogram, from the base and back to it."""
    points = [f"{places[0]:.2f},100"]
    for left, right, share in zip(places, places[1:], shares, strict=False):
        top = 100 - 96 * share / highest
        points += [f"{left:.2f},{top:.2f}", f"{right:.2f},{top:.2f}"]
    return " ".join([*points, f"{places[-1]:.2f},100"])


def _spread(days: int) -> list[int]:
    """Up to so many indices, evenly apart."""
    return sorted({round(i * (days - 1) / (_TICKS - 1)) for i in range(_TICKS)})


def _short(date: str) -> str:
    found = dt.date.fromisoformat(date)
    return f"{found.day} {found:%b}"
