"""ONNX Runtime sessions, on the execution providers that are declared and, of these, those that are there."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import onnxruntime as ort

CPU = "CPUExecutionProvider"

Optimization = Literal["off", "basic", "extended", "all"]
LEVELS = {
    "off": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tuning:
    """ONNX Runtime's options of a session; benchmarks/serving_options.py compares them.

    ``memory_arena`` keeps memory for later calls, ``memory_pattern`` plans it once a shape; with ``spinning`` idle
    threads wait busily, where there are several.
    """

    graph_optimization: Optimization = "all"
    memory_arena: bool = True
    memory_pattern: bool = True
    spinning: bool = True


DEFAULT = Tuning()


def known_providers(names: Sequence[str]) -> tuple[str, ...]:
    """The names as they are; raises ValueError where there is none, or one that ONNX Runtime does not know."""
    known = ort.get_all_providers()
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        wrong = f"{', '.join(map(repr, unknown))} is no" if unknown else "there is no"
        raise ValueError(f"{wrong} execution provider of ONNX Runtime; choose among {', '.join(known)}")
    return tuple(names)


def open_session(
    model: Path | bytes, providers: Sequence[str] = (CPU,), threads: int = 1, tuning: Tuning = DEFAULT
) -> ort.InferenceSession:
    """Open a model on the declared execution providers, by ONNX Runtime's names, the preferred first.

    One that this machine lacks or that does not start with this model is left out, which is logged once; what a
    provider cannot compute is the next one's, and the CPU's in the end. ``threads`` are those of one call on the CPU.
    Raises ValueError as `known_providers` does, and ONNX Runtime's own exceptions for a file that is no model.
    """
    left_out: dict[str, str] = {}
    there = []
    for name in known_providers(providers):
        if name in ort.get_available_providers():
            there.append(name)
        else:
            left_out[name] = f"is not in this build of ONNX Runtime, {ort.__version__}"
    session = _first_that_starts(model, there, threads, tuning, left_out)
    used = session.get_providers()
    for name in set(there) - set(used) - set(left_out):
        left_out[name] = "did not start"
    if left_out:
        _tell("; ".join(f"{name} {why}" for name, why in left_out.items()), ", ".join(used))
    return session


def _first_that_starts(
    model: Path | bytes, there: list[str], threads: int, tuning: Tuning, left_out: dict[str, str]
) -> ort.InferenceSession:
    """A session on as many of the providers as start with this model, the preferred ones given up first."""
    while True:
        try:
            return _start(model, there or [CPU], threads, tuning)
        except Exception as error:  # ONNX Runtime has many kinds, without a base of their own
            if there in ([], [CPU]):
                raise
            left_out[there.pop(0)] = f"did not start ({' '.join(str(error).split())[:200]})"


def _start(model: Path | bytes, providers: list[str], threads: int, tuning: Tuning) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = LEVELS[tuning.graph_optimization]
    options.enable_cpu_mem_arena = tuning.memory_arena
    options.enable_mem_pattern = tuning.memory_pattern
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(tuning.spinning)))
    source = model if isinstance(model, bytes) else str(model)
    declared: list[Any] = [(name, _options(name, threads)) for name in providers]
    # ONNX Runtime's own fallback prints, and knows no provider but NVIDIA's.
    return ort.InferenceSession(source, options, providers=declared, enable_fallback=0)


def _options(name: str, threads: int) -> dict[str, str]:
    """OpenVINO does not take the number of threads from ONNX Runtime's own options."""
    if name == "OpenVINOExecutionProvider":
        return {"load_config": json.dumps({"CPU": {"INFERENCE_NUM_THREADS": threads}})}
    return {}


@cache
def _tell(left_out: str, used: str) -> None:
    """Log a line once a process: a run opens the same candidates many times."""
    logger.warning("%s; models run on %s", left_out, used)
