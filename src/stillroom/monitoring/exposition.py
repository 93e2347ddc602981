"""The last word of a drift report as Prometheus series."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

PREFIX = "stillroom_monitor_"
Values = Mapping[str, float | None]


def drift_series(report: dict[str, Any], table: str) -> str:
    """A report of ``drift_report`` in Prometheus' text format, which the service of the ``table`` shows in `/metrics`.

    Each series is of the last day whose window could be judged; what never could be is left out, so that nobody takes
    it for a 0.
    """
    registry = CollectorRegistry()
    registry.register(_Report(report, table))
    return generate_latest(registry).decode()


class _Report(Collector):
    def __init__(self, report: dict[str, Any], table: str) -> None:
        self._report, self._table = report, table

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All families of series."""
        report, quality = self._report, self._report["quality"]
        yield self._gauge("until_seconds", "End of the report's last day, in seconds since 1970", {"": _end(report)})
        yield self._gauge("rows", "Rows that the report is of", {"": report["rows"]})
        yield from self._drift(report["columns"])
        if quality:
            yield from self._expected(quality)
            yield from self._figures("quality", "by labels", quality["metric"], quality)
            if quality["estimate"]:
                how = "as estimated without labels"
                yield from self._figures("quality_estimate", how, quality["metric"], quality["estimate"])

    def _drift(self, columns: list[dict[str, Any]]) -> Iterator[GaugeMetricFamily]:
        daily = {column["name"]: column["daily"] for column in columns}
        ratios = {name: _last(each["ratio"]) for name, each in daily.items()}
        alarms = {name: _alarm(each["alarm"], each["ratio"]) for name, each in daily.items()}
        yield self._gauge("drift_ratio", "Drift of a column as a multiple of its threshold", ratios, "column")
        yield self._gauge("drift_alarm", "Whether a column's drift counts as an alarm", alarms, "column")

    def _expected(self, quality: dict[str, Any]) -> Iterator[GaugeMetricFamily]:
        before = {figure: band["value"] for figure, band in (quality["before"] or {}).items()}
        limit = {quality["metric"]: quality["limit"]}
        yield self._gauge("quality_before", "Quality on held-out rows", before, "figure")
        yield self._gauge("quality_limit", "Beyond this value the main figure counts as lost", limit, "figure")

    def _figures(self, name: str, how: str, metric: str, found: dict[str, Any]) -> Iterator[GaugeMetricFamily]:
        figures = found["figures"] or {}
        for part, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            values = {figure: _last(band[part]) for figure, band in figures.items()}
            yield self._gauge(name + suffix, f"Live quality {how}: {part}", values, "figure")
        alarm = {metric: _alarm(found["alarm"], figures[metric]["value"])} if figures else {}
        yield self._gauge(f"{name}_alarm", f"Whether quality counts as lost, {how}", alarm, "figure")

    def _gauge(self, name: str, what: str, values: Values, label: str | None = None) -> GaugeMetricFamily:
        family = GaugeMetricFamily(PREFIX + name, what, labels=["table", *([label] if label else [])])
        for key, value in values.items():
            if value is not None:
                family.add_metric([self._table, *([key] if label else [])], value)
        return family


def _end(report: dict[str, Any]) -> float:
    midnight = dt.datetime.combine(dt.date.fromisoformat(report["days"][-1]), dt.time(), dt.UTC)
    return (midnight + dt.timedelta(days=1)).timestamp()


def _judged(values: Sequence[float | None]) -> int | None:
    """The last day that was judged."""
    return max((day for day, value in enumerate(values) if value is not None), default=None)


def _last(values: Sequence[float | None]) -> float | None:
    day = _judged(values)
    return None if day is None else values[day]


def _alarm(alarms: Sequence[bool], values: Sequence[float | None]) -> float | None:
    """Whether there was an alarm on the last day judged, 0 or 1."""
    day = _judged(values)
    return None if day is None else float(alarms[day])
