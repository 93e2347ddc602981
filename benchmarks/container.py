"""The container of a Bento: its size, its start and its memory, beside their limits.

    python benchmarks/container.py [--starts 5]

Builds a Bento of a small model of the flights' kind, installs it as its Dockerfile says into a folder (there need be no
container engine), and starts its entrypoint as a user who is not root: with the defaults, then with profiles, gRPC and
tables. Then it installs those of a signed model and of one that takes pictures, for their size. Figures of time count
on a quiet machine only.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

import httpx  # noqa: E402
import psutil  # noqa: E402
import pyarrow as pa  # noqa: E402

from ports import free_port  # noqa: E402
from serving import onnx_models  # noqa: E402
from serving.container import Image, Running, image, started  # noqa: E402
from serving.protocols.rows import brightness  # noqa: E402
from serving.sizes import megabytes, resident_megabytes  # noqa: E402
from stillroom.datasets.bento import Release, build_bento, save_model  # noqa: E402
from stillroom.integrity.keys import make_keys  # noqa: E402
from stillroom.integrity.settings import SigningConfig  # noqa: E402

LIMITS = {"installed, MB": 320.0, "start to ready, s": 3.0, "resident memory of a worker, MB": 250.0}
ROWS = {"rows": [{"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"}] * 64}


def packages(environment: Path) -> dict[str, float]:
    """What each top-level folder or file of the environment takes, MB, the largest first."""
    (site,) = environment.glob("lib/python*/site-packages")
    sizes = {path.name: megabytes(path) if path.is_dir() else path.stat().st_size / 1e6 for path in site.iterdir()}
    return dict(sorted(sizes.items(), key=lambda size: -size[1]))


def memory(running: Running) -> float:
    """The most that one process holds after a thousand requests of 64 rows, MB."""
    with httpx.Client() as client:
        for _ in range(1000):
            client.post(f"{running.url}/predict", json=ROWS).raise_for_status()
    return max(map(resident_megabytes, running.processes))


def table() -> bytes:
    """10,000 rows as an Arrow stream."""
    rows = pa.table({name: [value] * 10_000 for name, value in ROWS["rows"][0].items()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue().to_pybytes()


def memory_with_all(built: Image) -> None:
    """Print what each process holds with profiles, gRPC and tables, the decoder's processes among them."""
    profiles = str(built.root / "home/bentoml/profiles")
    variables = {"PROFILE_DIR": profiles, "GRPC_PORT": str(free_port()), "DRAIN_SECONDS": "0"}
    with started(built, **{f"STILLROOM_SERVING_{name}": value for name, value in variables.items()}) as running:
        memory(running)
        headers = {"content-type": "application/vnd.apache.arrow.stream"}
        for _ in range(20):
            httpx.post(f"{running.url}/predict", content=table(), headers=headers, timeout=60).raise_for_status()
        for process in psutil.Process(running.process.pid).children(recursive=True):
            name = "decoder" if any(part.endswith("decoder") for part in process.cmdline()) else "worker"
            print(f"with profiles, gRPC and tables: {name} {resident_megabytes(process.pid):.1f} MB")


def others(home: Path) -> None:
    """Print the sizes of other models' environments."""
    private, public = make_keys(home / "keys")
    signing = SigningConfig(required=True, private_key=private, public_key=public)
    kinds = {"signed": (onnx_models.binary(), signing), "pictures": (brightness(), SigningConfig())}
    for name, (onnx, signed) in kinds.items():
        model = save_model(f"stillroom_{name}", Release(onnx, {}, {"table": name}), signed)
        with image(build_bento(model, f"stillroom_{name}", ROOT, signed), home) as built:
            print(f"{name}: installed {megabytes(built.environment):.1f} MB (limit {LIMITS['installed, MB']:g})")


def measure(built: Image, starts: int) -> dict[str, float]:
    """The figures, by the names of their limits."""
    seconds: list[float] = []
    for _ in range(starts):
        with started(built, STILLROOM_SERVING_DRAIN_SECONDS="0") as running:
            seconds.append(running.seconds)
            resident = memory(running) if len(seconds) == starts else 0.0
    print("starts, s:", ", ".join(f"{each:.2f}" for each in seconds))
    return dict(zip(LIMITS, (megabytes(built.environment), statistics.median(seconds), resident), strict=True))


def main() -> None:
    """Measure, and fail where a figure is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    starts = parser.parse_args().starts
    with tempfile.TemporaryDirectory() as home:
        os.environ["BENTOML_HOME"] = home
        model = save_model("stillroom_flights", Release(onnx_models.binary(), {}, {"table": "flights"}))
        with image(build_bento(model, "stillroom_flights", ROOT), Path(home)) as built:
            for name, size in list(packages(built.environment).items())[:15]:
                print(f"{size:8.1f} MB  {name}")
            disk = subprocess.check_output(["du", "-sm", str(built.environment)], text=True).split()[0]
            print(f"on disk, in whole blocks: {disk} MiB")
            figures = measure(built, starts)
            memory_with_all(built)
        others(Path(home))
    for name, figure in figures.items():
        print(f"{name}: {figure:.2f} (limit {LIMITS[name]:g}){'' if figure <= LIMITS[name] else '  OVER'}")
    sys.exit(any(figure > LIMITS[name] for name, figure in figures.items()))


if __name__ == "__main__":
    main()
