"""Pictures of live quality: figures by day with their estimate, calibration curves, and the worst slices."""

import datetime as dt
from typing import Any

from stillroom.pages import METRIC_NAMES, Axis, round_axis
from stillroom.pages.numbers import brief, percent

_TICKS = 5
Values = list[float | None]


def figure_charts(quality: dict[str, Any]) -> list[dict[str, Any]]:
    """A chart of every figure by day, that of the main metric first, by labels and as estimated."""
    truth, estimate = quality["figures"] or {}, (quality["estimate"] or {}).get("figures", {})
    names = sorted({**truth, **estimate}, key=lambda name: name != quality["metric"])
    return [_figure_chart(quality, name, truth.get(name), estimate.get(name)) for name in names]


def _figure_chart(
    quality: dict[str, Any], name: str, truth: dict[str, Values] | None, estimate: dict[str, Values] | None
) -> dict[str, Any]:
    is_main = name == quality["metric"]
    before = quality["before"][name] if quality["before"] else None
    limit = quality["limit"] if is_main else None
    drawn = [value for series in (truth, estimate) if series for values in series.values() for value in values]
    axis = round_axis(value for value in [*drawn, *(before or {}).values(), limit] if value is not None)
    return {
        "name": name,
        "title": METRIC_NAMES[name],
        "truth": _lines(truth, axis) if truth else None,
        "estimate": _lines(estimate, axis) if estimate else None,
        "before": _placed(before, axis),
        "limit": None if limit is None else axis.top(limit),
        "upward": axis.upward()[:: 1 if is_main else 2],
        "across": [(_middle(i, quality), _short(quality["days"][i])) for i in _spread(len(quality["days"]), is_main)],
        "cells": [_cell(quality, i, truth, estimate, is_main) for i in range(len(quality["days"]))],
    }


def _lines(series: dict[str, Values], axis: Axis) -> dict[str, list[str]]:
    """Points of the lines and their bands, one of each for every run of days that could be judged."""
    days = len(series["value"])
    across = [100 * (i + 0.5) / days for i in range(days)]
    lines, bands = [], []
    for run in _runs(series["value"]):
        up, down = ([f"{across[i]:.2f},{axis.top(series[end][i] or 0)}" for i in run] for end in ("high", "low"))
        lines.append(" ".join(f"{across[i]:.2f},{axis.top(series['value'][i] or 0)}" for i in run))
        bands.append(" ".join(up + down[::-1]))
    return {"lines": lines, "bands": bands}


def _runs(values: Values) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(i)
    return [run for run in runs if run]


def _placed(band: dict[str, float | None] | None, axis: Axis) -> dict[str, float] | None:
    if band is None or any(value is None for value in band.values()):
        return None
    return {key: axis.top(value) for key, value in band.items() if value is not None}


def _cell(
    quality: dict[str, Any],
    i: int,
    truth: dict[str, Values] | None,
    estimate: dict[str, Values] | None,
    is_main: bool,
) -> dict[str, Any]:
    """A day's tooltip, and whether it is an alarm."""
    alarm = quality["alarm"][i] or bool(quality["estimate"] and quality["estimate"]["alarm"][i])
    told = [f"{quality['days'][i]}, {quality['rows'][i]:,} labelled rows in the window"]
    told += [f"by labels {_said(truth, i)}"] if truth and truth["value"][i] is not None else []
    told += [f"estimated {_said(estimate, i)}"] if estimate and estimate["value"][i] is not None else []
    days = len(quality["days"])
    return {"at": 100 * i / days, "wide": 100 / days, "alarm": alarm and is_main, "text": "; ".join(told)}


def _said(series: dict[str, Values], i: int) -> str:
    return f"{brief(series['value'][i])} ({brief(series['low'][i])} to {brief(series['high'][i])})"


def calibration_chart(quality: dict[str, Any]) -> dict[str, Any] | None:
    """What was said against what came, live and before; None without any label."""
    curves = {side: bins for side, bins in quality["calibration"].items() if bins}
    if not curves:
        return None
    axis = round_axis(each[key] for bins in curves.values() for each in bins for key in ("said", "low", "high"))
    dots = {
        side: [
            {
                "at": (axis.place(each["said"]), axis.top(each["came"])),
                "whisker": (axis.top(each["low"]), axis.top(each["high"])),
                "text": f"said {brief(each['said'])}, came {brief(each['came'])} of {each['rows']:,} rows",
            }
            for each in bins
        ]
        for side, bins in curves.items()
    }
    return {"dots": dots, "across": axis.across()[::2], "upward": axis.upward()[::2]}


def slice_rows(quality: dict[str, Any]) -> dict[str, Any] | None:
    """The worst slices, each with its band on one axis, and all rows' value on it; None where none could be judged."""
    found = quality["slices"]
    if not found or not found["worst"]:
        return None
    overall = quality["whole"][quality["metric"]]["value"]
    before = [each["before"]["value"] for each in found["worst"] if each["before"]]
    axis = round_axis([overall, *before, *(each[end] for each in found["worst"] for end in ("low", "high"))])
    rows = [
        {
            **each,
            "place": {key: axis.place(each[key]) for key in ("value", "low", "high")},
            "was": axis.place(each["before"]["value"]) if each["before"] else None,
            "said": _mean(each["said"], quality),
            "came": _mean(each["came"], quality),
        }
        for each in found["worst"]
    ]
    return {"rows": rows, "overall": axis.place(overall), "ends": [axis.across()[0][1], axis.across()[-1][1]]}


def _mean(value: float | None, quality: dict[str, Any]) -> str:
    return percent(value) if quality["metric"] == "roc_auc" else brief(value)


def _middle(i: int, quality: dict[str, Any]) -> float:
    return round(100 * (i + 0.5) / len(quality["days"]), 2)


def _spread(days: int, is_main: bool) -> list[int]:
    """Up to so many indices, evenly apart."""
    ticks = _TICKS if is_main else 2
    return sorted({round(i * (days - 1) / (ticks - 1)) for i in range(ticks)})


def _short(date: str) -> str:
    found = dt.date.fromisoformat(date)
    return f"{found.day} {found:%b}"
