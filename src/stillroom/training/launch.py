"""Run a function once, or once on every device, as one call."""

from collections.abc import Callable
from typing import TypeVar

from torch.distributed.launcher.api import LaunchConfig, elastic_launch

Answer = TypeVar("Answer")


def launch(function: Callable[..., Answer], devices: int, *args: object) -> Answer:
    """Call a module-level function: directly for one device, else in one process a device; rank 0's answer.

    Arguments and answer are pickled, so they must be small and plain: lazy frames, not rows; paths, not
    networks. Lightning finds the processes already there and starts none of its own, which inside Kedro would
    run every node once a rank (kedro#2049). A failing process fails the call with its traceback.
    """
    if devices == 1:
        return function(*args)
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=devices,
        run_id="stillroom",
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        monitor_interval=0.1,
        start_method="spawn",
    )
    return elastic_launch(config, function)(*args)[0]
