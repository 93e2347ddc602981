"""The gate every exported model passes before it becomes a candidate."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime

from stillroom.runtime import session as runtime
from stillroom.runtime.session import CPU

# Batch sizes other than the exporter's example, so that a batch frozen into the graph shows.
BATCHES = (1, 7, 1024)
# ONNX's own operator sets, which every runtime knows.
CORE = ("", "ai.onnx", "ai.onnx.ml")


class ExportError(RuntimeError):
    """An exported model is not what was trained; the message says how it differs."""


def open_session(
    model: onnx.ModelProto, providers: Sequence[str] = (CPU,), threads: int = 1
) -> onnxruntime.InferenceSession:
    """Load a model in ONNX Runtime, on those of the declared execution providers that are there."""
    return runtime.open_session(model.SerializeToString(), providers, threads)


def run(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> np.ndarray:
    """Predict raw columns."""
    return session.run(None, feeds)[0]


def check_export(
    name: str, model: onnx.ModelProto, feeds: dict[str, np.ndarray], expected: np.ndarray, tolerance: float | None
) -> float:
    """Check a model, and return the largest difference of its predictions from the expected ones.

    The model must pass ONNX's full check, hold core operators only, keep its batch symbolic, load, and answer
    `feeds` (raw rows, missing and unseen values among them) at several batch sizes as `expected`. `tolerance` is
    in the unit of the predictions, float32's own rounding comes on top; None reports the difference only.

    Raises ExportError naming the candidate and what was found.
    """
    if len(expected) == 0:
        raise ExportError(f"{name}: there are no rows to compare it on")
    try:
        onnx.checker.check_model(model, full_check=True)
        _check_graph(name, model.graph)
        session = open_session(model)
        worst = max(_difference(name, session, feeds, expected, batch) for batch in (*BATCHES, len(expected)))
    except ExportError:
        raise
    except Exception as error:  # ONNX and ONNX Runtime have many kinds, without a base of their own
        raise ExportError(f"{name}: {' '.join(str(error).split())[:300]}") from error
    allowed = np.inf if tolerance is None else tolerance + 4 * np.finfo(np.float32).eps * float(np.abs(expected).max())
    if worst > allowed:
        raise ExportError(f"{name}: differs from the trained network by {worst:.2e}, allowed {allowed:.2e}")
    return worst


def _check_graph(name: str, graph: onnx.GraphProto) -> None:
    foreign = sorted({f"{node.domain}.{node.op_type}" for node in graph.node if node.domain not in CORE})
    if foreign:
        raise ExportError(f"{name}: operators outside ONNX's core, which other runtimes lack: {', '.join(foreign)}")
    for value in (*graph.input, *graph.output):
        if not value.type.tensor_type.shape.dim[0].dim_param:
            raise ExportError(f"{name}: the batch size of {value.name} was frozen by the export")


def _difference(
    name: str, session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray], expected: np.ndarray, batch: int
) -> float:
    """The largest difference on the first `batch` rows, which are repeated where there are fewer."""
    rows = np.arange(batch) % len(expected)
    found = run(session, {column: values[rows] for column, values in feeds.items()})
    if found.shape != expected[rows].shape:
        raise ExportError(f"{name}: {batch} rows in, predictions of shape {found.shape} out")
    if not np.isfinite(found).all():
        raise ExportError(f"{name}: predictions that are not finite numbers, at batch size {batch}")
    return float(np.abs(found - expected[rows]).max())
