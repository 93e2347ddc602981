"""What went through the model, folded into profiles off the request path."""

import logging
import os
import socket
import tempfile
import threading
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import monotonic

import numpy as np

from stillroom.profiles import Counts, fold, new_profile, to_bytes
from stillroom.serving.journal import Journal, lost_rows
from stillroom.serving.model import Columns
from stillroom.serving.profile_columns import profile_columns
from stillroom.serving.profile_store import ProfileStore
from stillroom.serving.row_ids import answer_lines
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature

logger = logging.getLogger(__name__)
Batch = tuple[Columns, np.ndarray]

# Few enough that folding them holds the interpreter, and so the requests, for some milliseconds only.
FOLD_ROWS = 1_000
VERSION, LATENCY = "service.model_version", "service.latency_seconds"


class Watcher:
    """Gathers rows and predictions, and writes a profile of them every so many rows or seconds, and when closed.

    ``track`` and ``answered`` never wait: rows are dropped, and reported to ``on_drop``, where more than
    ``profile_queue_rows`` wait. As many latencies, and as many identified predictions, are kept at most; what is left
    out of them is reported to ``on_leave_out`` as `latency` or `prediction`. One thread folds and writes, each profile
    to a whole file of its own in ``place``, a directory or an fsspec URL; ``on_write`` hears how many rows it held.
    Their names tell the table, the model's ``version``, the time, the machine and the process. A profile that cannot be
    written is kept, and grows until it can. Rows that a killed process left behind are logged, and reported to
    ``on_drop``, at the start.
    """

    def __init__(
        self,
        signature: Signature,
        place: str | Path,
        config: ServiceConfig,
        on_drop: Callable[[int], None] = lambda rows: None,
        on_write: Callable[[int], None] = lambda rows: None,
        version: str = "",
        on_leave_out: Callable[[str, int], None] = lambda what, count: None,
    ) -> None:
        self._signature, self._store, self._config = signature, ProfileStore(str(place)), config
        self._on_drop, self._on_write, self._on_leave_out, self._version = on_drop, on_write, on_leave_out, version
        self._ids_key = config.profile_ids_key.get_secret_value() if config.profile_ids_key else ""
        self._due = threading.Condition()
        self._waiting: list[Batch] = []
        self._waiting_rows = 0
        self._latencies: deque[float] = deque()
        self._identified: list[tuple[bytes, np.ndarray]] = []
        self._identified_rows = 0
        self._closed = False
        self._pending = 0
        named = f"{signature.table}-{version}" if version else signature.table
        self._name = f"{named}-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._numbers = count()
        self._journal = self._open_journal()
        self._begin()
        self._thread = threading.Thread(target=self._run, name="stillroom-watcher", daemon=True)
        self._thread.start()

    def track(self, columns: Columns, predictions: np.ndarray) -> None:
        """Hand over what the model answered; it must not be changed afterwards."""
        rows = len(predictions)
        with self._due:
            kept = not self._closed and self._waiting_rows + rows <= self._config.profile_queue_rows
            if kept:
                self._waiting.append((columns, predictions))
                self._waiting_rows += rows
                self._expect(rows)
                if self._is_due():
                    self._due.notify()
        if not kept:
            self._on_drop(rows)

    def answered(self, predictions: np.ndarray, seconds: float, identifiers: bytes | None = None) -> None:
        """Hand over how long a request took, and the header that identifies its rows, if it came."""
        if len(self._latencies) < self._config.profile_queue_rows:
            self._latencies.append(seconds)
        else:
            self._on_leave_out("latency", 1)
        if identifiers and self._config.profile_ids_share:
            self._identify(identifiers, predictions)

    def _identify(self, identifiers: bytes, predictions: np.ndarray) -> None:
        rows = len(predictions)
        with self._due:
            kept = self._identified_rows + rows <= self._config.profile_queue_rows
            if kept:
                self._identified.append((identifiers, predictions))
                self._identified_rows += rows
        if not kept:
            self._on_leave_out("prediction", rows)

    def close(self) -> None:
        """Write what is left and stop; what is tracked later is dropped."""
        with self._due:
            self._closed = True
            self._due.notify()
        self._thread.join()
        if self._journal:
            self._journal.close()

    def _open_journal(self) -> Journal | None:
        directory = self._config.profile_journal_dir or self._store.directory or Path(tempfile.gettempdir())
        try:
            journal = Journal(directory, self._name)
        except OSError as error:
            logger.warning("%s: rows that are lost with a killed service cannot be counted", error)
            return None
        if lost := lost_rows(directory, f"{self._signature.table}-"):
            self._on_drop(lost)
        return journal

    def _expect(self, rows: int) -> None:
        self._pending += rows
        if self._journal:
            self._journal.set(self._pending)

    def _begin(self) -> None:
        self._since = datetime.now(UTC)
        self._deadline = monotonic() + self._config.profile_every_seconds
        self._profile = new_profile(self._since, {"model": self._version})
        self._folded = self._until = 0
        self._answers: list[bytes] = []

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
            self._fold_requests()
            is_enough = self._folded - self._until >= self._config.profile_every_rows
            if closed or is_enough or monotonic() >= self._deadline:
                self._write(closed)

    def _fold(self, batches: list[Batch]) -> None:
        rows = sum(len(predictions) for _, predictions in batches)
        try:
            columns = {name: np.concatenate([c[name] for c, _ in batches]) for name in self._signature.columns}
            predictions = np.concatenate([predictions for _, predictions in batches])
            batch = profile_columns(self._signature, columns, predictions)
            kept = {name: values for name, values in batch.items() if name not in self._config.profile_left_out}
            version = Counts([self._version], [rows])
            fold(self._profile, {**kept, VERSION: version}, self._config.profile_private)
            self._folded += rows
        except Exception:  # the thread must go on, whatever one batch held
            logger.exception("%d rows could not be profiled", rows)
            self._lose(rows)

    def _fold_requests(self) -> None:
        seconds = [self._latencies.popleft() for _ in range(len(self._latencies))]
        if seconds:
            fold(self._profile, {LATENCY: np.array(seconds)})
        with self._due:
            identified, self._identified, self._identified_rows = self._identified, [], 0
        for header, predictions in identified:
            lines = answer_lines(
                self._signature,
                self._version,
                header,
                predictions,
                self._config.profile_ids_share,
                self._ids_key,
                datetime.now(UTC),
            )
            room = max(self._config.profile_queue_rows - len(self._answers), 0)
            self._answers += lines[:room]
            if lines[room:]:
                self._on_leave_out("prediction", len(lines) - room)

    def _write(self, last: bool) -> None:
        if not self._folded:
            self._begin()
            return
        name = f"{self._name}-{self._since:%Y%m%dT%H%M%S}-{next(self._numbers)}"
        try:
            if self._answers:
                self._store.write(f"{name}.jsonl", b"\n".join(self._answers) + b"\n")
                self._answers = []
            self._store.write(f"{name}.bin", to_bytes(self._profile))
        except Exception as error:  # filesystems have errors of their own
            logger.error("a profile of %d rows could not be written: %s", self._folded, error)
            if last:
                self._lose(self._folded)
            self._until = self._folded
            self._deadline = monotonic() + self._config.profile_every_seconds
            return
        self._on_write(self._folded)
        with self._due:
            self._expect(-self._folded)
        self._begin()

    def _lose(self, rows: int) -> None:
        self._on_drop(rows)
        with self._due:
            self._expect(-rows)
