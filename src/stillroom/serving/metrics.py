"""Metrics of requests: counted in plain numbers, handed to Prometheus once a second.

A Prometheus histogram takes some microseconds an observation where processes share their metrics through files; a
tally here takes less than one.
"""

import asyncio

from prometheus_client import Counter, Gauge, Histogram

from stillroom.serving.buckets import ROWS, Buckets
from stillroom.serving.predictions import Predictions

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
FLUSH_SECONDS = 1.0
LABELS = ["protocol", "model_version"]

REQUESTS = Counter("stillroom_requests", "Requests by protocol, model version and status", [*LABELS, "status"])
LATENCY = Histogram("stillroom_request_seconds", "Time from a request's headers to its answer", LABELS, buckets=SECONDS)
BATCH = Histogram("stillroom_request_rows", "Rows of an answered request", LABELS, buckets=ROWS)
PROFILED = Counter("stillroom_profiled_rows", "Rows written to profiles")
DROPPED = Counter("stillroom_dropped_rows", "Rows answered but left out of the profiles")
LEFT_OUT = Counter("stillroom_left_out", "Latencies and identified predictions that were left out", ["what"])
IN_FLIGHT = Gauge("stillroom_requests_in_flight", "Requests being answered", multiprocess_mode="livesum")


class Metrics:
    """Counts requests of one worker process."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.predictions = Predictions()
        self._statuses: dict[tuple[str, str, int], int] = {}
        self._latency: dict[tuple[str, str], Buckets] = {}
        self._rows: dict[tuple[str, str], Buckets] = {}

    def answered(self, protocol: str, version: str, status: int, rows: int, seconds: float) -> None:
        """Count one request; ``version`` is empty where the request was refused before one was picked."""
        key = (protocol, version, status)
        self._statuses[key] = self._statuses.get(key, 0) + 1
        labels = (protocol, version)
        if (latency := self._latency.get(labels)) is None:
            latency, self._rows[labels] = self._latency.setdefault(labels, Buckets(SECONDS)), Buckets(ROWS)
        latency.add(seconds)
        if rows:
            self._rows[labels].add(rows)

    def turned_away(self) -> None:
        """Count a request that was not even read."""
        key = ("http", "", 503)
        self._statuses[key] = self._statuses.get(key, 0) + 1

    def flush(self) -> None:
        """Hand over what was counted since the last time."""
        for key, count in self._statuses.items():
            REQUESTS.labels(*key).inc(count)
        self._statuses.clear()
        for tallies, histogram in ((self._latency, LATENCY), (self._rows, BATCH)):
            for labels, tally in tallies.items():
                tally.flush(histogram.labels(*labels))
        self.predictions.flush()
        IN_FLIGHT.set(self.in_flight)

    async def keep_flushing(self) -> None:
        """Flush every second, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self.flush()
