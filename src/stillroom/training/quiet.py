"""What Lightning and torch's exporter say that a run's reader has no use for, silenced here and nowhere else."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

LOGGERS = (
    "pytorch_lightning.utilities.rank_zero",  # which accelerators there are, a tip to try another logger
    "torchelastic-events-null",  # one line a worker started and ended
    "torch.onnx._internal.exporter._registration",  # torchvision is not installed
)
WARNINGS = (
    r"`?isinstance\(treespec, LeafSpec\)",  # Lightning 2.6 and torch's exporter, on torch 2.13
    r"# The axis name: batch will not be used",  # both inputs have the same one, as they should
    r".*does not have many workers",  # batches are sliced from memory: workers would only copy them
    r"The number of training batches",
    r"The .*-th feature has just two bin edges",  # as it should, for a flag
    r"Checkpoint directory .* exists and is not empty",  # a resumed fit's own
)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what is listed above; progress bars, errors and all other warnings stay."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [logger.disabled for logger in loggers]
    with warnings.catch_warnings():
        for message in WARNINGS:
            warnings.filterwarnings("ignore", message=message)
        try:
            for logger in loggers:
                logger.disabled = True
            yield
        finally:
            for logger, disabled in zip(loggers, before, strict=True):
                logger.disabled = disabled
