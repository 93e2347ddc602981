"""What went through the model, folded into profiles off the request path."""

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import monotonic

import numpy as np
from whylogs.core import DatasetProfileView

from stillroom.profiles import Column, fold, new_profile, write
from stillroom.serving.model import Columns
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature

logger = logging.getLogger(__name__)
Batch = tuple[Columns, np.ndarray]

# Few enough that folding them holds the interpreter, and so the requests, for some milliseconds only.
FOLD_ROWS = 1_000
WRITTEN = count()


def profile_batch(
    signature: Signature, columns: Columns, predictions: np.ndarray, timestamp: datetime
) -> DatasetProfileView:
    """Profile rows and what the model said of them; a replay of past traffic calls this, the service its parts.

    ``columns`` and ``predictions`` are those of ``Model.predict``; the latter become the column `prediction`, the
    likeliest class where there are classes. ``timestamp`` (with a timezone) is when the rows came.
    """
    profile = new_profile(timestamp)
    fold(profile, profile_columns(signature, columns, predictions))
    return profile.view()


def profile_columns(signature: Signature, columns: Columns, predictions: np.ndarray) -> dict[str, Column]:
    """The model's inputs and output as the columns of a profile."""
    batch: dict[str, Column] = {}
    for each in signature.inputs:
        batch |= each.profiled(columns[each.name])
    if signature.classes:
        predictions = np.array(signature.classes, dtype=object)[predictions.argmax(axis=1)]
    return {**batch, "prediction": predictions}


class Watcher:
    """Gathers rows and predictions, and writes a profile of them every so many rows or seconds, and when closed.

    ``track`` never waits: rows are dropped, and reported to ``on_drop``, where more than ``profile_queue_rows`` wait.
    One thread folds and writes, each profile to a whole file of its own in ``directory``; ``on_write`` hears how
    many rows it held. Their names tell the table, the model's ``version``, the time, and the process.
    """

    def __init__(
        self,
        signature: Signature,
        directory: Path,
        config: ServiceConfig,
        on_drop: Callable[[int], None] = lambda rows: None,
        on_write: Callable[[int], None] = lambda rows: None,
        version: str = "",
    ) -> None:
        self._signature, self._directory, self._config = signature, directory, config
        self._on_drop, self._on_write = on_drop, on_write
        self._due = threading.Condition()
        self._waiting: list[Batch] = []
        self._waiting_rows = 0
        self._closed = False
        self._name = f"{signature.table}-{version}" if version else signature.table
        self._begin()
        self._thread = threading.Thread(target=self._run, name="stillroom-watcher", daemon=True)
        self._thread.start()

    def track(self, columns: Columns, predictions: np.ndarray) -> None:
        """Hand over one answered request; it must not be changed afterwards."""
        rows = len(predictions)
        with self._due:
            kept = not self._closed and self._waiting_rows + rows <= self._config.profile_queue_rows
            if kept:
                self._waiting.append((columns, predictions))
                self._waiting_rows += rows
                if self._is_due():
                    self._due.notify()
        if not kept:
            self._on_drop(rows)

    def close(self) -> None:
        """Write what is left and stop; what is tracked later is dropped."""
        with self._due:
            self._closed = True
            self._due.notify()
        self._thread.join()

    def _begin(self) -> None:
        self._since = datetime.now(UTC)
        self._deadline = monotonic() + self._config.profile_every_seconds
        self._profile = new_profile(self._since)
        self._folded = 0

    def _is_due(self) -> bool:
        return self._closed or self._waiting_rows >= min(FOLD_ROWS, self._config.profile_every_rows)

    def _run(self) -> None:
        closed = False
        while not closed:
            with self._due:
                self._due.wait_for(self._is_due, timeout=self._deadline - monotonic())
                closed = self._closed
                batches, self._waiting, self._waiting_rows = self._waiting, [], 0
            if batches:
                self._fold(batches)
            if closed or self._folded >= self._config.profile_every_rows or monotonic() >= self._deadline:
                self._write()
                self._begin()

    def _fold(self, batches: list[Batch]) -> None:
        columns = {name: np.concatenate([c[name] for c, _ in batches]) for name in self._signature.columns}
        predictions = np.concatenate([predictions for _, predictions in batches])
        fold(self._profile, profile_columns(self._signature, columns, predictions))
        self._folded += len(predictions)

    def _write(self) -> None:
        if not self._folded:
            return
        name = f"{self._name}-{self._since:%Y%m%dT%H%M%S}-{os.getpid()}-{next(WRITTEN)}.bin"
        try:
            write(self._profile, self._directory / name)
            self._on_write(self._folded)
        except OSError:
            logger.exception("a profile of %d rows could not be written", self._folded)
            self._on_drop(self._folded)
