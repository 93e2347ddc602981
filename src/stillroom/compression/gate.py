"""The gate every exported model passes before it becomes a candidate."""

import numpy as np
import onnx
import onnxruntime

# Batch sizes other than the exporter's example, so that a batch frozen into the graph shows.
BATCHES = (1, 7, 1024)


class ExportError(RuntimeError):
    """An exported model is not what was trained; the message says how it differs."""


def open_session(model: onnx.ModelProto, threads: int = 1) -> onnxruntime.InferenceSession:
    """Load a model in ONNX Runtime on CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> np.ndarray:
    """Predict raw columns."""
    return session.run(None, feeds)[0]


def check_export(
    name: str, model: onnx.ModelProto, feeds: dict[str, np.ndarray], expected: np.ndarray, tolerance: float | None
) -> float:
    """Check a model, and return the largest difference of its predictions from the expected ones.

    The model must pass ONNX's full check, keep its batch symbolic, load, and answer `feeds` (raw rows,
    missing and unseen values among them) at several batch sizes as `expected`, within `tolerance`
    relative to the larger of 1 and the spread of the expected values; None reports the difference only.

    Raises ExportError naming the candidate and what was found.
    """
    onnx.checker.check_model(model, full_check=True)
    for value in (*model.graph.input, *model.graph.output):
        if not value.type.tensor_type.shape.dim[0].dim_param:
            raise ExportError(f"{name}: the batch size of {value.name} was frozen by the export")
    session = open_session(model)
    rows = len(expected)
    worst = 0.0
    for batch in (*BATCHES, rows):
        size = min(batch, rows)
        found = run(session, {column: values[:size] for column, values in feeds.items()})
        if found.shape != expected[:size].shape:
            raise ExportError(f"{name}: {size} rows in, predictions of shape {found.shape} out")
        if not np.isfinite(found).all():
            raise ExportError(f"{name}: predictions that are not finite numbers, at batch size {size}")
        worst = max(worst, float(np.abs(found - expected[:size]).max(initial=0)))
    scale = max(1.0, float(np.std(expected)))
    if tolerance is not None and worst > tolerance * scale:
        raise ExportError(f"{name}: differs from the trained network by {worst:.2e}, allowed {tolerance * scale:.0e}")
    return worst


def with_odd_rows(feeds: dict[str, np.ndarray], every: int = 10) -> dict[str, np.ndarray]:
    """The same rows, one value in `every` of each column made missing or, for text, unseen or empty."""
    odd = {}
    for position, (name, values) in enumerate(feeds.items()):
        changed = values.copy()
        start = position % every
        if changed.dtype == object:
            changed[start::every] = ""
            changed[(start + every // 2) % every :: every] = "never seen before"
        else:
            changed[start::every] = np.nan
        odd[name] = changed
    return odd
