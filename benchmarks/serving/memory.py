"""Whether a server's memory grows."""

import threading
import time
from types import TracebackType
from typing import Self

import numpy as np

from serving.process import Running

SETTLING_SECONDS = 60


class MemoryWatch:
    """Writes down a server's resident memory every second; a context manager."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._seconds: list[float] = []
        self._mb: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def __str__(self) -> str:
        seconds, mb = np.array(self._seconds), np.array(self._mb)
        text = f"memory: {mb[0]:.1f} MB at the start, {mb[-1]:.1f} MB after {seconds[-1]:.0f} s"
        settled = seconds > SETTLING_SECONDS
        if settled.sum() < SETTLING_SECONDS:
            return f"{text}; too short for a slope (--minutes 10)"
        (slope, _), covariance = np.polyfit(seconds[settled], mb[settled], 1, cov=True)
        low, high = (3600 * (slope + sign * 1.96 * covariance[0, 0] ** 0.5) for sign in (-1, 1))
        span = mb[settled].max() - mb[settled].min()
        return (
            f"{text}; after the first {SETTLING_SECONDS} s its slope is {3600 * slope:+.2f} MB/hour "
            f"[{low:+.2f}, {high:+.2f}], between its least and its most lie {span:.2f} MB"
        )

    def _run(self) -> None:
        start = time.monotonic()
        while not self._stop.wait(1):
            self._seconds.append(time.monotonic() - start)
            self._mb.append(self._running.rss_mb())
