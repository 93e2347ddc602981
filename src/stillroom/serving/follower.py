"""One worker's versions, kept to what the shared state says."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from prometheus_client import Gauge

from stillroom.serving.errors import RefusedError
from stillroom.serving.shared_state import SharedState
from stillroom.serving.state import State
from stillroom.serving.store import VersionStore
from stillroom.serving.versions import Versions

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.2
KEEPS = "the shared state of the versions cannot be read or written; this worker keeps those it has"
MISSING = Gauge(
    "stillroom_versions_missing", "Versions that a worker should hold but could not load", multiprocess_mode="livesum"
)


class Follower:
    """Loads what the state names, off the event loop, and lets it answer.

    ``versions`` are this worker's. A thread looks for changes of the state until ``close``. A version that this worker
    cannot load is logged and told of in ``report``; its part falls to what the worker has. Raises RefusedError where
    not even the version that the service was built of can be loaded.
    """

    def __init__(self, store: VersionStore, shared: SharedState) -> None:
        self._store, self._shared = store, shared
        own = store.load(store.own)
        self.versions = Versions(own)
        self._held = {own.number: own}
        self._state = store.declared
        self._problems: dict[str, str] = {}
        self._seen: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()
        try:
            shared.begin()
            self._look()
        except OSError:
            logger.exception(KEEPS)
        self._thread = threading.Thread(target=self._watch, name="stillroom-versions", daemon=True)
        self._thread.start()

    def change(self, change: Callable[[State], State]) -> None:
        """Change the state for all workers, once this one has loaded what is new in it.

        Raises RefusedError where the change is refused, or a version that it gives a new part cannot be loaded; then
        nothing has changed.
        """
        with self._lock, self._shared.exclusive():
            state = self._shared.read() or self._state
            wanted = change(state)
            for number in wanted.new_beside(state) - self._held.keys():
                self._held[number] = self._store.load(number)
            self._shared.write(wanted)
            self._follow(wanted)

    def report(self) -> dict[str, Any]:
        """The state, what each worker serves of it, and which of them answers here."""
        state = self._shared.read() or self._state
        known = {"model": self._store.name, **state.model_dump(exclude={"declared"})}
        return {**known, "answered_by": self._shared.worker, "workers": self._shared.notes()}

    def close(self) -> None:
        """Look for no more changes, and write the versions' last profiles."""
        self._closing.set()
        self._thread.join()
        self._shared.leave()
        for version in self._held.values():
            version.finish()

    def _watch(self) -> None:
        told = ""
        while not self._closing.wait(LOOK_SECONDS):
            try:
                self._look()
                told = ""
            except OSError as error:
                if told != (told := str(error)):
                    logger.exception(KEEPS)

    def _look(self) -> None:
        stamp = self._shared.stamp()
        if stamp is None:
            self._shared.restore(self._state)
        elif stamp != self._seen:
            with self._lock:
                state = self._shared.read()
                if state:
                    self._follow(state)
                self._seen = stamp
        if not self._shared.is_noted():
            self._note()

    def _follow(self, state: State) -> None:
        self._problems = {}
        for number in state.loaded:
            self._hold(number)
        default = state.default if state.default in self._held else self.versions.default.number
        canary = state.canary if state.canary in self._held else None
        kept = {number: self._held[number] for number in (default, *state.loaded) if number in self._held}
        self.versions.serve(kept, default, canary, state.canary_share if canary else 0.0)
        dropped = [version for number, version in self._held.items() if number not in kept]
        self._held, self._state = kept, state
        MISSING.set(len(self._problems))
        self._note()
        for version in dropped:
            version.finish()

    def _hold(self, number: str) -> None:
        if number in self._held:
            return
        try:
            self._held[number] = self._store.load(number)
        except RefusedError as refused:
            self._problems[number] = refused.sentence
            logger.error("%s; this worker goes on with what it has", refused.sentence)

    def _note(self) -> None:
        versions = self.versions
        serves = {
            "default": versions.default.number,
            "canary": versions.canary.number if versions.canary else None,
            "canary_share": versions.canary_share,
            "loaded": [version.number for version in versions.loaded],
            "problems": list(self._problems.values()),
        }
        try:
            self._shared.note(serves)
        except OSError:
            logger.exception("what this worker serves cannot be told to the others")
