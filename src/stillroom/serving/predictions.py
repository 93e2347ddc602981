"""What the versions predict, and in which calls, as Prometheus series: kept as it comes, counted many at once."""

import numpy as np
from prometheus_client import Counter, Histogram

from stillroom.serving.buckets import ROWS, Buckets
from stillroom.serving.version import Version

# The same for all models, so that versions can be compared and added up.
SHARES = tuple(round(0.05 * step, 2) for step in range(1, 21))
_MAGNITUDES = tuple(digit * 10.0**power for power in range(-3, 7) for digit in (1, 2, 5))
VALUES = (*(-each for each in reversed(_MAGNITUDES)), 0.0, *_MAGNITUDES)
MOST_ROWS = 100_000

PROBABILITIES = Histogram(
    "stillroom_predicted_probability",
    "Probability of the positive class, or of the likeliest of several",
    ["model_version"],
    buckets=SHARES,
)
REGRESSED = Histogram(
    "stillroom_predicted_value", "Predicted values of a regression", ["model_version"], buckets=VALUES
)
CLASSES = Counter("stillroom_predicted_class", "Rows by their likeliest class", ["model_version", "predicted"])

CALLS = Histogram(
    "stillroom_call_rows", "Rows of one call of the model, of one request or several", ["model_version"], buckets=ROWS
)


class Predictions:
    """The predictions of one worker since the last flush.

    At most ``MOST_ROWS`` rows and those of one request wait; then they are counted.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Version, list[np.ndarray]]] = {}
        self._rows = 0

    def add(self, version: Version, predictions: np.ndarray) -> None:
        """Keep the predictions of one answered request, [rows] or [rows, classes], to be counted."""
        waiting = self._waiting.get(version.number)
        if waiting is None:
            waiting = self._waiting.setdefault(version.number, (version, []))
        waiting[1].append(predictions)
        self._rows += len(predictions)
        if self._rows > MOST_ROWS:
            self.flush()

    def flush(self) -> None:
        """Count what waits."""
        waiting, self._waiting, self._rows = self._waiting, {}, 0
        for version, parts in waiting.values():
            _count(version, np.concatenate(parts))
            version.calls.flush(CALLS.labels(version.number))


def _count(version: Version, predictions: np.ndarray) -> None:
    signature = version.signature
    if signature.task == "regression":
        _observe(REGRESSED, VALUES, version.number, predictions)
        return
    if signature.classes:
        for predicted, rows in zip(signature.classes, _likeliest(predictions), strict=True):
            CLASSES.labels(version.number, predicted).inc(rows)
        predictions = predictions.max(axis=1)
    _observe(PROBABILITIES, SHARES, version.number, predictions)


def _likeliest(probabilities: np.ndarray) -> list[int]:
    return np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1]).tolist()


def _observe(histogram: Histogram, bounds: tuple[float, ...], number: str, values: np.ndarray) -> None:
    buckets = Buckets(bounds)
    buckets.add_all(values)
    buckets.flush(histogram.labels(number))
