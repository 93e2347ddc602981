"""The drift report as one HTML page that needs nothing but itself."""

from typing import Any

from stillroom.monitoring.importance import weighed
from stillroom.monitoring.pictures.heat import days_a_cell, heat_map
from stillroom.monitoring.pictures.quality import calibration_chart, figure_charts, slice_rows
from stillroom.monitoring.pictures.shapes import overlay_chart
from stillroom.monitoring.verdict import CAUSES, day
from stillroom.pages import METRIC_NAMES, environment


def drift_page(
    report: dict[str, Any],
    title: str = "Drift report",
    weights: dict[str, Any] | None = None,
    domain: dict[str, Any] | None = None,
) -> str:
    """Show a report of ``drift_report`` (or its JSON, read back) to people; ``title`` heads the page.

    ``weights`` has the `importance` of columns to the model, how many `rows` it was measured on and in which `metric`;
    ``domain`` the fields of ``DomainFinding``. Either may be empty.
    """
    importance = (weights or {}).get("importance", {})
    pages = environment("stillroom.monitoring")
    pages.filters.update(day=day)
    quality = report["quality"]
    return pages.get_template("drift.html.j2").render(
        title=title,
        report=report,
        quality=quality,
        heat=heat_map(report),
        days_a_cell=days_a_cell(len(report["days"])),
        charts=figure_charts(quality) if quality and len(quality["days"]) > 1 else [],
        calibration=calibration_chart(quality) if quality else None,
        slices=slice_rows(quality) if quality else None,
        overlays=[overlay_chart(column) for column in report["columns"] if "overlay" in column],
        metric_names=METRIC_NAMES,
        causes=CAUSES,
        weights=weights,
        shares=weighed(dict.fromkeys(importance, 1.0), importance),
        domain=domain,
    )
