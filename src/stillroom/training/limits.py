"""Whether a fit can work with the devices, the rows and the memory that there are, asked before its first epoch."""

import copy
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from stillroom.models.network import TableNetwork, example_inputs
from stillroom.table.encoding import Encoding
from stillroom.table.errors import InputError
from stillroom.training.settings import TrainerConfig

PROBE_ROWS = 8  # run through a network to see what a row costs
CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Needs:
    """Bytes that one rank needs: for the weights and all that is kept beside them, and for each row of a batch."""

    state: int
    row: int


def check_devices(config: TrainerConfig) -> None:
    """Raises InputError where there are fewer devices than declared, or none that can do what is declared."""
    kind = accelerator(config)
    there = _cores() if kind == "cpu" else torch.accelerator.device_count() if torch.accelerator.is_available() else 0
    if kind == "gpu" and there == 0:
        raise InputError(
            f"trainer.accelerator is gpu, and torch {torch.__version__} finds none on this host: choose "
            "trainer=cpu, or install a torch build for your GPU and its driver"
        )
    if config.devices > there:
        raise InputError(
            f"trainer.devices is {config.devices}, and this host has {there} {'cores' if kind == 'cpu' else 'GPUs'}: "
            f"set it to {there} at most"
        )
    if kind == "cpu" and (config.sync_batch_norm or config.precision == "16-mixed"):
        raise InputError("trainer.sync_batch_norm and precision 16-mixed are of GPUs alone, and this host has none")
    compilers = [os.environ.get("CXX", "g++"), "clang++"]
    if kind == "cpu" and config.compile and not any(shutil.which(name) for name in compilers):
        raise InputError(f"trainer.compile needs a C++ compiler, and neither of {', '.join(compilers)} is installed")


def check_batch(config: TrainerConfig, rows: int) -> None:
    """Raises InputError where a step needs more rows than there are.

    One rank alone takes the rows there are as one smaller batch.
    """
    ranks, step = config.ranks, config.batch_size * config.ranks
    if ranks > 1 and step > rows:
        raise InputError(
            f"trainer.batch_size is {config.batch_size:,} on each of {ranks} ranks, {step:,} rows together, and there "
            f"are {rows:,} training rows: set it to {max(1, rows // ranks):,} at most"
        )
    batches = max(1, -(-rows // step))
    if config.accumulate > batches:
        raise InputError(
            f"trainer.accumulate is {config.accumulate}, and {rows:,} training rows make {batches} batches of "
            f"{config.batch_size:,} on each of {ranks} ranks: set it to {batches} at most"
        )


def check_memory(config: TrainerConfig, needs: Needs, rows: int, available: int | None) -> None:
    """Raises InputError where the network and one batch need more than ``available`` bytes (None: not known)."""
    batch = min(config.batch_size, -(-rows // config.ranks))
    together = config.devices if accelerator(config) == "cpu" else 1  # on a CPU, ranks share the host's memory
    needed = together * (needs.state + batch * needs.row)
    if available is None or needed <= available:
        return
    raise InputError(
        f"training needs about {_gb(needed)} and {_gb(available)} are available: {_gb(needs.state)} for weights, "
        f"gradients and the optimiser's state, {_gb(batch * needs.row)} for a batch of {batch:,} rows"
        f"{f', on each of {together} ranks' if together > 1 else ''}: lower trainer.batch_size (and raise "
        "trainer.accumulate) or take a smaller model"
    )


def accelerator(config: TrainerConfig) -> str:
    """`cpu` or `gpu`: what `auto` comes to on this host."""
    if config.accelerator != "auto":
        return config.accelerator
    return "gpu" if torch.accelerator.is_available() else "cpu"


def needs_of(network: TableNetwork, encoding: Encoding, config: TrainerConfig) -> Needs:
    """What training a network needs, the rows' share measured by what autograd keeps of a few rows.

    State is the weights, their gradients and the two moments that Adam keeps; DDP's buckets hold the gradients again,
    FSDP shares all of it among the ranks and gathers the weights to use them.
    """
    weights = sum(p.numel() * p.element_size() for p in network.parameters())
    if config.ranks == 1:
        state = 4 * weights
    else:
        state = 5 * weights if config.strategy == "ddp" else weights + 4 * weights // config.ranks
    return Needs(state, _kept_for_backward(network, encoding) // PROBE_ROWS)


def available_memory(config: TrainerConfig) -> int | None:
    """Bytes that are free: of the first GPU, or of this host (or its container's limit); None where none tells."""
    if accelerator(config) == "gpu":
        return torch.cuda.mem_get_info()[0] if torch.cuda.is_available() else None
    known = [free for free in (_host_memory(), _container_memory()) if free is not None]
    return min(known, default=None)


def _kept_for_backward(network: TableNetwork, encoding: Encoding) -> int:
    """Bytes that autograd keeps of a forward pass of a few rows, weights and dropout's masks aside."""
    probed = copy.deepcopy(network).eval()
    own = {p.untyped_storage().data_ptr() for p in [*probed.parameters(), *probed.buffers()]}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.random.fork_rng(devices=[]), torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        scores = probed.scores(example_inputs(encoding, PROBE_ROWS))
    note(scores)
    return sum(kept.values())


def _host_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kilobytes = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return int(kilobytes["MemAvailable"].split()[0]) * 1024


def _container_memory() -> int | None:
    """What a cgroup (version 2) leaves of its limit; cached files are given up when memory is needed."""
    try:
        limit, used, stat = ((CGROUP / f"memory.{name}").read_text() for name in ("max", "current", "stat"))
    except OSError:
        return None
    cached = dict(line.split() for line in stat.splitlines())["inactive_file"]
    return None if limit.strip() == "max" else max(0, int(limit) - int(used) + int(cached))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gb(count: float) -> str:
    return f"{count / 1e9:,.2f} GB"
