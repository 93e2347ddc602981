"""The heat map, column by day: how far windows are from the reference, as a multiple of the column's threshold."""

from typing import Any

from stillroom.monitoring.verdict import amount

STEPS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.75, 2.5)  # where the colour changes, in thresholds
MOST_CELLS = 62


def heat_map(report: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a column: its name and cells with `step` 0 to 7 (None: not judged), `alarm` and `text`.

    A cell is a day; of more days than fit it is several, and shows the furthest of them.
    """
    return [_row(column, report["days"]) for column in report["columns"]]


def days_a_cell(days: int) -> int:
    """How many days a cell stands for."""
    return -(-days // MOST_CELLS)


def _row(column: dict[str, Any], days: list[str]) -> dict[str, Any]:
    width = days_a_cell(len(days))
    parts = [range(i, min(i + width, len(days))) for i in range(0, len(days), width)]
    return {
        "name": column["name"],
        "drifted": column["drifted"],
        "severity": column["severity"],
        "cells": [_cell(column, days, part) for part in parts],
    }


def _cell(column: dict[str, Any], days: list[str], part: range) -> dict[str, Any]:
    ratios = column["daily"]["ratio"]
    furthest = max(part, key=lambda i: -1 if ratios[i] is None else ratios[i])
    ratio = ratios[furthest]
    return {
        "step": None if ratio is None else sum(ratio >= edge for edge in STEPS),
        "alarm": any(column["daily"]["alarm"][i] for i in part),
        "text": _text(column, furthest, days[furthest]),
    }


def _text(column: dict[str, Any], i: int, date: str) -> str:
    """What the cell's tooltip says: the measure that is nearest to its threshold, or furthest beyond it."""
    head = f"{column['name']}, {date}"
    measured = [
        (value / limit, value, limit, key, window["days"])
        for window in column["windows"]
        for key, limits in window["thresholds"].items()
        if (value := window[key][i]) is not None and (limit := limits[i])
    ]
    if not measured:
        return f"{head}: too few rows"
    _, value, threshold, key, days = max(measured)
    return f"{head}: {amount(key, value, threshold)}, in {days} days"
