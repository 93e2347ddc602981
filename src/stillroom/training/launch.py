"""Run a function once, or once on every device of one or several hosts, as one call."""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from torch.distributed import DistError
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.elastic.rendezvous import RendezvousError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

Answer = TypeVar("Answer")


class HostError(ConnectionError):
    """Several hosts did not come together, or one of them was lost; the message is one sentence that says what to do.

    On the command line the message is shown alone, without a traceback (`stillroom.hooks`).
    """


@dataclass(frozen=True)
class Ranks:
    """The processes that run a function: one a device, on one host or several.

    Several hosts meet at ``rendezvous``, an address `host:port` of the first one; the others ``join``. ``address`` is
    where they reach this host (None: by its name). ``timeout`` is the seconds that they wait for one another. A
    process or a host that is lost is started again, or waited for, ``max_restarts`` times. ``name`` tells one meeting
    at the same address from the next.
    """

    devices: int = 1
    nodes: int = 1
    rendezvous: str = "localhost:0"
    address: str | None = None
    timeout: float = 600
    max_restarts: int = 0
    name: str = "stillroom"
    joins: bool = False

    @property
    def elastic(self) -> LaunchConfig:
        """The same in torch elastic's words."""
        waits: dict[str, object] = {"join_timeout": int(self.timeout)}
        if self.nodes > 1:
            waits |= {"is_host": not self.joins, "read_timeout": int(self.timeout)}
        return LaunchConfig(
            min_nodes=self.nodes,
            max_nodes=self.nodes,
            nproc_per_node=self.devices,
            run_id=self.name,
            rdzv_backend="c10d",
            rdzv_endpoint=self.rendezvous,
            rdzv_configs=waits,
            local_addr=self.address,
            max_restarts=self.max_restarts,
            monitor_interval=0.1,
            start_method="spawn",
        )


def launch(function: Callable[..., Answer], ranks: Ranks, *args: object) -> Answer:
    """Call a module-level function: directly for one rank, else in one process a rank; the first answer of this host.

    Arguments and answer are pickled, so they must be small and plain: lazy frames, not rows; paths, not
    networks. Lightning finds the processes already there and starts none of its own, which inside Kedro would
    run every node once a rank (kedro#2049). A failing process fails the call with its traceback; of several hosts,
    each raises HostError.
    """
    if ranks.devices * ranks.nodes == 1:
        return function(*args)
    # Else the first host does not tell one that joins again where the ranks meet (torch 2.13), and both wait in vain.
    os.environ.setdefault("TORCH_DISABLE_SHARE_RDZV_TCP_STORE", "1")
    try:
        answers = elastic_launch(ranks.elastic, function)(*args)
    except ChildFailedError as error:
        if ranks.nodes == 1:
            raise
        raise HostError(_ended(error, ranks)) from error
    except (RendezvousError, DistError) as error:
        raise HostError(_never_met(error, ranks)) from error
    return answers[min(answers)]


def wait_for_first_host(rendezvous: str, timeout: float) -> None:
    """Wait until the first host has come to the rendezvous. Raises HostError after ``timeout`` seconds."""
    host, _, port = rendezvous.rpartition(":")
    deadline = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise HostError(
                    f"nobody came to trainer.rendezvous {rendezvous} within {timeout:g} s ({error}): start the first "
                    "host's run, or give it longer to reach its training (trainer.timeout)"
                ) from error
        time.sleep(0.2)


def _ended(error: ChildFailedError, ranks: Ranks) -> str:
    rank, failure = error.get_first_failure()
    reason = failure.message["message"] if isinstance(failure.message, dict) else failure.message
    lines = [line for line in str(reason).strip().splitlines() if line.strip()]
    again = f", after {ranks.max_restarts} restarts" if ranks.max_restarts else ""
    return (
        f"training on {ranks.nodes} hosts ended at rank {rank}{again}: {lines[-1].strip() if lines else reason}; if "
        "another host was lost, run again with trainer.resume=true, which goes on from the last checkpoint, or set "
        "trainer.max_restarts, by which the others wait for it to join again"
    )


def _never_met(error: Exception, ranks: Ranks) -> str:
    return (
        f"{ranks.nodes} hosts did not meet at trainer.rendezvous {ranks.rendezvous} within {ranks.timeout:g} s "
        f"({type(error).__name__}: {' '.join(str(error).split())[:200]}): run `kedro run --pipelines join` with the "
        "same --params on every host but the first; trainer.resume=true goes on from the last checkpoint"
    )
