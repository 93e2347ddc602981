"""What small requests suffer beside large ones: read in the service, and in the decoder's process, in turns.

    python benchmarks/large_requests.py        # after `make run`: two minutes, alone on the machine; needs taskset

One client asks for one row after another while a second sends bodies of some thousand rows, as large as bodies may be
in JSON, one at a time.
"""

import argparse
import csv
import io
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from threading import Thread

import httpx
import numpy as np
import orjson

from serving.bento import model_file
from serving.process import Running
from serving.registry import UVICORN, Server
from serving.work import Work

ROOT = Path(__file__).parents[1]
LARGEST, LARGE_ONES = 7 * 2**20, 6  # bytes of JSON
WAYS = {"in the service": 2**30, "apart": 128 * 2**10}  # bytes from which on a body is read apart


def bodies(work: Work) -> dict[str, tuple[str, dict[str, str], bytes]]:
    """Large requests by name: path, headers, body."""
    names = work.signature.columns
    some = [{name: row[name] for name in names} for row in work.rows]
    rows = some * (LARGEST // len(orjson.dumps(some)))
    text = io.StringIO()
    csv.writer(text).writerows([names, *([row[name] for name in names] for row in rows)])
    tensors = [
        {
            "name": each.name,
            "datatype": "FP64" if each.kind == "numeric" else "BYTES",
            "shape": [len(rows), 1],
            "data": [row[each.name] if each.kind == "numeric" else row[each.name] or "" for row in rows],
        }
        for each in work.signature.inputs
    ]
    v1, v2 = (f"/{version}/models/stillroom_flights" for version in ("v1", "v2"))
    return {
        "JSON rows": ("/predict", {}, orjson.dumps({"rows": rows})),
        "CSV": ("/predict", {"content-type": "text/csv"}, text.getvalue().encode()),
        "v1 instances": (f"{v1}:predict", {}, orjson.dumps({"instances": rows})),
        "v2 tensors": (f"{v2}/infer", {}, orjson.dumps({"inputs": tensors})),
    }


def beside(url: str, small: bytes, path: str, headers: dict[str, str], large: bytes) -> tuple[list[float], list[float]]:
    """Seconds of the small requests that were on their way while a large one was, and of the large ones."""
    taken: list[float] = []

    def send() -> None:
        with httpx.Client(timeout=60) as client:
            for _ in range(LARGE_ONES):
                begun = time.perf_counter()
                client.post(f"{url}{path}", content=large, headers=headers).raise_for_status()
                taken.append(time.perf_counter() - begun)

    seconds: list[float] = []
    with httpx.Client(timeout=60) as client:
        for path_, body in (("/predict", small), (path, large), (path, large)):  # the first ones start the decoder
            client.post(f"{url}{path_}", content=body, headers=headers if body is large else None).raise_for_status()
        sender = Thread(target=send)
        sender.start()
        while sender.is_alive():
            begun = time.perf_counter()
            client.post(f"{url}/predict", content=small).raise_for_status()
            seconds.append(time.perf_counter() - begun)
        sender.join()
    return seconds, taken


def main() -> None:
    """Read the options; print a line for each body and way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cores", default="0", help="of the service and its decoder")
    parser.add_argument("--bento", default="stillroom_flights:latest")
    parser.add_argument("--table", type=Path, default=ROOT / "data/03_primary/flights/training_table.parquet")
    options = parser.parse_args()
    onnx = model_file(options.bento)
    work = Work.draw(options.table, onnx, 64)
    small = orjson.dumps({"rows": work.rows[:1]})
    paths = os.pathsep.join(map(str, (ROOT / "benchmarks", ROOT / "src")))
    launched = ("-c", f"import sys; sys.path[:0] = {paths!r}.split(':'); from uvicorn import main; main()")
    with ExitStack() as stack, tempfile.TemporaryDirectory() as logs:
        running = {}
        for way, least in WAYS.items():
            environment = {"METRICS": "on", "STILLROOM_SERVING_DECODE_APART_BYTES": str(least)}
            server = Server(way, (*launched, *UVICORN[2:], "stillroom_app:app"), environment=environment)
            running[way] = stack.enter_context(Running(server, onnx, options.cores, Path(logs, way)))
            running[way].wait_until_listening()
        for name, (path, headers, large) in bodies(work).items():
            for way, each in running.items():
                seconds, taken = beside(f"http://127.0.0.1:{each.port}", small, path, headers, large)
                p50, worst = 1e3 * np.percentile(seconds, [50, 100])
                print(
                    f"{name:13}{len(large) / 2**20:4.1f} MiB, read {way:15}: one row p50 {p50:6.2f} ms, "
                    f"worst {worst:7.1f} ms; the large one {1e3 * median(taken):7.1f} ms",
                    flush=True,
                )


if __name__ == "__main__":
    main()
