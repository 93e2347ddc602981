"""Training on a GPU: samples/s and utilisation of float32 against bf16, and of eager against compiled, in one run.

Usage: python benchmarks/gpu.py [--model tabm] [--batch 8192] [--times 4] [--epochs 2]

Needs `kedro run --pipelines prepare`, a GPU with a torch build for it, and nvidia-ml-py for the utilisation, which is
the mean over the fit of what NVML says of each last moment. What one more epoch takes is counted, so that compiling and
the start of the GPU are not. `--accelerator cpu` tries the script where no GPU is.
"""

import argparse
import statistics
import tempfile
import threading

import torch

from fits import count, declared, prepared, recipe, seconds_an_epoch

WAYS = {
    "float32, eager": {"precision": "32-true", "compile": False},
    "float32, compiled": {"precision": "32-true", "compile": True},
    "bf16, eager": {"precision": "bf16-mixed", "compile": False},
    "bf16, compiled": {"precision": "bf16-mixed", "compile": True},
}


class Utilisation:
    """Asks the GPU ten times a second how busy it is, as long as the block runs."""

    def __enter__(self) -> "Utilisation":
        self.found: list[int] = []
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self._watch)
        self.watcher.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.watcher.join()

    def _watch(self) -> None:
        while torch.cuda.is_available() and not self.ended.wait(0.1):
            self.found.append(torch.cuda.utilization())

    def __str__(self) -> str:
        return f"{statistics.mean(self.found):.0f} % busy" if self.found else "utilisation not known"


def main() -> None:
    """Time each way, and print it beside the first."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="tabm")
    parser.add_argument("--batch", type=int, default=8192)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--accelerator", default="gpu")
    arguments = parser.parse_args()
    rows = prepared("flights", arguments.times)
    parameters = declared({"table": "flights", "model": arguments.model, "trainer": "gpu"})
    print(torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU", f"torch {torch.__version__}")
    first = None
    for name, changes in WAYS.items():
        given = {"accelerator": arguments.accelerator, "batch_size": arguments.batch, **changes}
        with tempfile.TemporaryDirectory() as folder, Utilisation() as busy:
            taken = seconds_an_epoch(parameters, rows, recipe(parameters, folder, **given), arguments.epochs)
        first = first or taken
        print(f"{name:18} {count(rows.train) / taken:10,.0f} samples/s  {first / taken:5.2f} times  {busy}", flush=True)


if __name__ == "__main__":
    main()
