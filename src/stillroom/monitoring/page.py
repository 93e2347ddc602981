"""The drift report as one HTML page that needs nothing but itself."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from stillroom.monitoring import pictures
from stillroom.monitoring.verdict import CAUSES, METRIC_NAMES, day


def drift_page(report: dict[str, Any], title: str = "Drift report") -> str:
    """Show a report of ``drift_report`` (or its JSON, read back) to people; ``title`` heads the page."""
    # Names and categories come from data, so everything is escaped.
    environment = Environment(
        loader=PackageLoader("stillroom.monitoring"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(day=day, percent=_percent, figure=_figure, signed=_signed)
    columns = report["columns"]
    return environment.get_template("drift.html.j2").render(
        title=title,
        report=report,
        heat=pictures.heat_map(report),
        quality=pictures.quality_chart(report["quality"]) if report["quality"] else None,
        overlays=[pictures.overlay_chart(column) for column in columns if "overlay" in column],
        metric_names=METRIC_NAMES,
        causes=CAUSES,
    )


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}"
