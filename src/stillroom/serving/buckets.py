"""A histogram counted in plain numbers, handed to Prometheus now and then."""

from bisect import bisect_left

import numpy as np
from prometheus_client import Histogram

ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536)


class Buckets:
    """A histogram's counts since the last flush; ``bounds`` are the upper ones of its buckets, infinity left out.

    ``counts`` has one number a bucket, and one for what is beyond them.
    """

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._clear()

    def _clear(self) -> None:
        self.counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def add_all(self, values: np.ndarray) -> None:
        """Count [values]; those that are not finite fall into the last bucket and are left out of the sum."""
        finite = np.isfinite(values)
        places = np.where(finite, np.searchsorted(self._bounds, values), len(self._bounds))
        for place, count in enumerate(np.bincount(places, minlength=len(self.counts)).tolist()):
            self.counts[place] += count
        self._sum += float(values[finite].sum(dtype=np.float64))

    def flush(self, into: Histogram) -> None:
        """Hand the counts over."""
        # A Histogram has no public way to take counts; its child keeps one value a bucket, the last for infinity.
        for value, count in zip(into._buckets, self.counts, strict=True):
            value.inc(count)
        into._sum.inc(self._sum)
        self._clear()
