"""What Lightning and torch's exporter say that a run's reader has no use for, silenced here and nowhere else."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Lightning's notes (which accelerators there are, a tip to buy a logger), torch's on packages not installed.
LOGGERS = ("pytorch_lightning.utilities.rank_zero", "torch.onnx._internal.exporter._registration")
WARNINGS = (
    r".*LeafSpec",  # Lightning 2.6 on torch 2.13
    r".*treespec",
    r".*does not have many workers",  # batches are sliced from memory: workers would only copy them
    r"The number of training batches",
    r"Checkpoint directory .* exists and is not empty",  # a resumed fit's own
    r"You're resuming from a checkpoint that ended before the epoch ended",
)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what is listed above; progress bars, errors and all other warnings stay."""
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    with warnings.catch_warnings():
        for message in WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        try:
            for name in LOGGERS:
                logging.getLogger(name).setLevel(logging.ERROR)
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
