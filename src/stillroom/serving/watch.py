"""What went through the model, folded into profiles off the request path."""

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np
from whylogs.core import DatasetProfileView

from stillroom.profiles import fold, new_profile, write
from stillroom.serving.model import Columns
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature

logger = logging.getLogger(__name__)
Batch = tuple[Columns, np.ndarray]


def profile_batch(
    signature: Signature, columns: Columns, predictions: np.ndarray, timestamp: datetime
) -> DatasetProfileView:
    """Profile rows and what the model said of them; the service and the replay of past traffic share this.

    ``columns`` and ``predictions`` are those of ``Model.predict``; the latter become the column `prediction`, the
    likeliest class where there are classes. ``timestamp`` (with a timezone) is when the rows came.
    """
    batch = {name: columns[name].ravel() for name in signature.numeric}
    for name in signature.categorical:
        batch[name] = columns[name].flatten()
        batch[name][batch[name] == ""] = None
    if signature.classes:
        predictions = np.array(signature.classes, dtype=object)[predictions.argmax(axis=1)]
    profile = new_profile(timestamp)
    fold(profile, {**batch, "prediction": predictions})
    return profile.view()


class Watcher:
    """Gathers rows and predictions, and writes a profile of them every so many rows or seconds, and when closed.

    ``track`` never waits: rows beyond ``profile_queue_rows`` are dropped and reported to ``on_drop``. One thread
    folds and writes, each profile to a whole file of its own in ``directory``; ``on_write`` hears how many rows.
    """

    def __init__(
        self,
        signature: Signature,
        directory: Path,
        config: ServiceConfig,
        on_drop: Callable[[int], None] = lambda rows: None,
        on_write: Callable[[int], None] = lambda rows: None,
    ) -> None:
        self._signature, self._directory, self._config = signature, directory, config
        self._on_drop, self._on_write = on_drop, on_write
        self._due = threading.Condition()
        self._batches: list[Batch] = []
        self._rows = 0
        self._since = datetime.now(UTC)
        self._closed = False
        self._number = count()
        self._thread = threading.Thread(target=self._run, name="stillroom-watcher", daemon=True)
        self._thread.start()

    def track(self, columns: Columns, predictions: np.ndarray) -> None:
        """Hand over one answered request; it must not be changed afterwards."""
        rows = len(predictions)
        with self._due:
            kept = not self._closed and self._rows + rows <= self._config.profile_queue_rows
            if kept:
                self._batches.append((columns, predictions))
                self._rows += rows
                if self._rows >= self._config.profile_every_rows:
                    self._due.notify()
        if not kept:
            self._on_drop(rows)

    def close(self) -> None:
        """Write what is left and stop; what is tracked later is dropped."""
        with self._due:
            self._closed = True
            self._due.notify()
        self._thread.join()

    def _run(self) -> None:
        closed = False
        while not closed:
            with self._due:
                self._due.wait_for(self._is_due, timeout=self._config.profile_every_seconds)
                closed = self._closed
                batches, self._batches, self._rows = self._batches, [], 0
                since, self._since = self._since, datetime.now(UTC)
            if batches:
                self._write(batches, since)

    def _is_due(self) -> bool:
        return self._closed or self._rows >= self._config.profile_every_rows

    def _write(self, batches: list[Batch], since: datetime) -> None:
        rows = sum(len(predictions) for _, predictions in batches)
        try:
            columns = {name: np.concatenate([c[name] for c, _ in batches]) for name in self._signature.columns}
            predictions = np.concatenate([predictions for _, predictions in batches])
            write(profile_batch(self._signature, columns, predictions, since), self._path(since))
            self._on_write(rows)
        except Exception:  # a full disk must not end the watching, nor a request
            logger.exception("a profile of %d rows could not be written", rows)
            self._on_drop(rows)

    def _path(self, since: datetime) -> Path:
        name = f"{self._signature.table}-{since:%Y%m%dT%H%M%S}-{os.getpid()}-{next(self._number)}.bin"
        return self._directory / name
