"""What was found, for people and for the service to show."""

from typing import Any

from stillroom.monitoring import drift_page
from stillroom.monitoring.exposition import drift_series
from stillroom.table.spec import TableSpec


def show(
    drift_report: dict[str, Any], drift_weights: dict[str, Any], domain_classifier: dict[str, Any], table: TableSpec
) -> str:
    """The page: the report, what its columns mean to the model, and whether live rows can be told apart."""
    return drift_page(drift_report, f"Drift report: {table.name}", drift_weights, domain_classifier)


def expose(drift_report: dict[str, Any], table: TableSpec) -> str:
    """The report's last word as Prometheus series, which the service shows in `/metrics`."""
    return drift_series(drift_report, table.name)
