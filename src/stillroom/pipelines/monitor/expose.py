"""What the report found, for the service to show."""

from typing import Any

from stillroom.monitoring.exposition import drift_series
from stillroom.table.spec import TableSpec


def expose(drift_report: dict[str, Any], table: TableSpec) -> str:
    """The report's last word as Prometheus series, which the service shows in `/metrics`."""
    return drift_series(drift_report, table.name)
