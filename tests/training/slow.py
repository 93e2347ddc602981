"""A network that takes its time, and notes the process of every step that it is trained."""

import os
import time
from pathlib import Path

from torch import Tensor

from training.own import Own


class Slow(Own):
    """Appends its process and rank to `notes`, one line a step of training, each of which takes 50 ms."""

    def __init__(self, features, outputs: int, *, size: int, notes: str):
        super().__init__(features, outputs, size=size)
        self.notes = Path(notes)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        if self.training and "RANK" in os.environ:
            time.sleep(0.05)
            with self.notes.open("a") as file:
                file.write(f"{os.getpid()} {os.environ['RANK']}\n")
        return super().forward(numeric, categorical)


def steps(notes: Path) -> dict[str, int]:
    """How many steps each process has trained so far, in the order in which they began."""
    counted: dict[str, int] = {}
    for line in notes.read_text().splitlines() if notes.exists() else []:
        process = line.split()[0]
        counted[process] = counted.get(process, 0) + 1
    return counted
