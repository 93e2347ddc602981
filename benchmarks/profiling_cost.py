"""What profiling costs a request: microseconds of its own thread, and of the thread that folds in the background.

Requests of one row and of a hundred, without and with identifiers of their rows (`X-Row-Ids`), handed to a watcher as
the service hands them: the thread's own work, and what the background folds.

    PYTHONPATH=src python benchmarks/profiling_cost.py model.onnx      # such as a champion's
"""

import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from stillroom.serving.model import Model, as_columns
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.watch import Watcher

REQUESTS = 20_000
BUDGET = 20.0


def request(model: Model, rows: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """One request's columns, all of other values, and predictions."""
    rng = np.random.default_rng(0)
    raw = {
        each.name: rng.normal(size=rows) if each.kind == "numeric" else np.array([f"N{k}" for k in range(rows)], object)
        for each in model.signature.inputs
    }
    columns = as_columns(model.signature, raw)
    return columns, model.predict(columns)


def measure(model: Model, rows: int, count: int, identified: bool) -> str:
    columns, predictions = request(model, rows)
    with tempfile.TemporaryDirectory() as directory:
        config = ServiceConfig(
            profile_every_rows=10_000,
            profile_queue_rows=10**9,
            profile_ids_share=1.0,
            profile_ids_key="a key of the benchmark",
        )
        header = ",".join(f"flight-{row:06}" for row in range(rows)).encode() if identified else None
        watcher = Watcher(model.signature, Path(directory), config)
        wall = np.empty(count)
        begun_thread, begun_process = time.thread_time(), time.process_time()
        for each in range(count):
            start = time.perf_counter()
            watcher.track(columns, predictions)
            watcher.answered(predictions, 0.001, header)
            wall[each] = time.perf_counter() - start
            if each % 100 == 0:
                time.sleep(0.001)  # as between requests, the others get their turn
        own = (time.thread_time() - begun_thread) / count * 1e6
        watcher.close()
        whole = (time.process_time() - begun_process) / count * 1e6
    middle, late = np.quantile(wall, [0.5, 0.99]) * 1e6
    verdict = "within" if own < BUDGET else "OVER"
    given = f"{rows:>4} rows a request" + ", identified" * identified
    return (
        f"{given:29}: {own:5.2f} us of the request's thread ({verdict} {BUDGET:.0f}); by the clock "
        f"{middle:.2f} us in the middle, {late:.2f} us at 99 %; the background folds {whole - own:,.0f} us a request"
    )


def main() -> None:
    model = Model(Path(sys.argv[1]))
    print(f"{len(model.signature.inputs)} columns, {threading.active_count()} thread before the watcher's own")
    for rows, count in ((1, REQUESTS), (100, REQUESTS // 20)):
        for identified in (False, True):
            print(measure(model, rows, count, identified))


if __name__ == "__main__":
    main()
