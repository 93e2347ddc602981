"""Records what each node of a run uses, while the run goes on."""

import threading
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from stillroom.resources.gpus import Gpus
from stillroom.resources.tree import ProcessTree

SAMPLE_S = 0.05
LOOK_S = 1.0


class Moved(NamedTuple):
    """Rows and bytes of a dataset that was loaded or saved; None where that is not known."""

    rows: int | None
    bytes: int | None


@dataclass
class Use:
    """What was used between two moments of `time.monotonic`; ``read`` and ``written`` by dataset."""

    began: float
    ended: float
    cpu_s: float = 0.0
    gpu_s: float = 0.0
    peak_bytes: int = 0
    read: dict[str, Moved] = field(default_factory=dict)
    written: dict[str, Moved] = field(default_factory=dict)


class Recorder:
    """What a run uses, and of that each node, from its first dataset being loaded to its last being saved.

    CPU and GPU time since the last reading are shared equally by the nodes that run, so that what nodes get adds up to
    no more than the run's; peak memory is that of the whole process tree while the node ran. A thread looks at the
    memory every ``SAMPLE_S``, at GPUs and for new child processes every ``LOOK_S`` seconds.
    """

    def __init__(self) -> None:
        now = time.monotonic()
        self.run, self.nodes = Use(now, now), dict[str, Use]()
        self._running: set[str] = set()
        self._tree, self._gpus = ProcessTree(), Gpus()
        self._cpu_s = self._tree.cpu_seconds()
        self._looked = now
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._sample, name="resources", daemon=True)
        self._thread.start()

    def began(self, node: str) -> None:
        """A node is about to load or to run; said again, it changes nothing."""
        with self._lock:
            if node not in self.nodes:
                self._share()
                now = time.monotonic()
                self.nodes[node] = Use(now, now, peak_bytes=self._tree.memory_bytes())
                self._running.add(node)

    def loaded(self, node: str, dataset: str, moved: Moved) -> None:
        """A node has loaded a dataset."""
        self.nodes[node].read[dataset] = moved

    def saved(self, node: str, dataset: str, moved: Moved) -> None:
        """A node has saved a dataset, or a piece of it."""
        with self._lock:
            self._share(node)
            self.nodes[node].written[dataset] = moved

    def ended(self, node: str) -> None:
        """A node is done; what it still saves counts all the same."""
        with self._lock:
            self._share(node)
            self._running.discard(node)

    def close(self) -> None:
        """The run is over, whatever came of it."""
        self._closed.set()
        self._thread.join()
        with self._lock:
            self._share()
            self._running.clear()

    def _share(self, *also: str) -> None:
        """Share out the CPU time since the last reading among the nodes that run, and `also`."""
        cpu_s = max(self._cpu_s, self._tree.cpu_seconds())
        spent, self._cpu_s = cpu_s - self._cpu_s, cpu_s
        self._spread(self._running.union(also), time.monotonic(), spent, 0.0)

    def _spread(self, names: set[str], now: float, cpu_s: float, gpu_s: float) -> None:
        memory = self._tree.memory_bytes()
        uses = [self.nodes[name] for name in names]
        for use, share in [(self.run, 1), *((use, len(uses)) for use in uses)]:
            use.ended = now
            use.cpu_s += cpu_s / share
            use.gpu_s += gpu_s / share
            use.peak_bytes = max(use.peak_bytes, memory)

    def _sample(self) -> None:
        while not self._closed.wait(SAMPLE_S):
            with self._lock:
                now = time.monotonic()
                gpu_s = 0.0
                if now - self._looked >= LOOK_S:
                    self._tree.look()
                    gpu_s = self._gpus.busy() * (now - self._looked)
                    self._looked = now
                self._spread(self._running, now, 0.0, gpu_s)
