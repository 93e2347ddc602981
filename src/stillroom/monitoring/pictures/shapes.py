"""How the values of a column were distributed, and are."""

from typing import Any

from stillroom.pages.numbers import short


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
