"""The drift report as one HTML page that needs nothing but itself."""

from typing import Any

from stillroom.monitoring import pictures
from stillroom.monitoring.verdict import CAUSES, day
from stillroom.pages import METRIC_NAMES, environment


def drift_page(report: dict[str, Any], title: str = "Drift report") -> str:
    """Show a report of ``drift_report`` (or its JSON, read back) to people; ``title`` heads the page."""
    pages = environment("stillroom.monitoring")
    pages.filters.update(day=day)
    columns = report["columns"]
    return pages.get_template("drift.html.j2").render(
        title=title,
        report=report,
        heat=pictures.heat_map(report),
        quality=pictures.quality_chart(report["quality"]) if report["quality"] else None,
        overlays=[pictures.overlay_chart(column) for column in columns if "overlay" in column],
        metric_names=METRIC_NAMES,
        causes=CAUSES,
    )
