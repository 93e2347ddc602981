"""Measure candidates side by side: quality on held-out rows, size, and latency on this machine."""

import time
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from pydantic import BaseModel, ConfigDict

from stillroom.compression.gate import open_session, run
from stillroom.table.metrics import score
from stillroom.table.spec import Task

SINGLE, MANY = 1, 1000
TURN = 10
TEXT_OPSET = 20


class Latency(BaseModel):
    """Microseconds of one ONNX Runtime call on one thread: the median and the 99th percentile of `runs`."""

    model_config = ConfigDict(frozen=True)

    median_us: float
    p99_us: float
    runs: int


class Measured(BaseModel):
    """One candidate: its quality on the test rows, its size, its latency."""

    model_config = ConfigDict(frozen=True)

    name: str
    size_kb: float
    metrics: dict[str, float]
    single: Latency
    many: Latency


class Measurements(BaseModel):
    """All candidates, measured in one run."""

    model_config = ConfigDict(frozen=True)

    candidates: list[Measured]

    def __getitem__(self, name: str) -> Measured:
        return next(m for m in self.candidates if m.name == name)


def measure(
    candidates: dict[str, onnx.ModelProto], feeds: dict[str, np.ndarray], target: np.ndarray, task: Task, rounds: int
) -> tuple[list[Measured], dict[str, np.ndarray]]:
    """Measure every candidate on the same raw rows; returns the figures and the predictions.

    Latency is timed in `rounds` rounds of all candidates in turn, so that a busy moment of the machine
    falls on all alike.
    """
    sessions = {name: open_session(model) for name, model in candidates.items()}
    predictions = {name: predict(session, feeds) for name, session in sessions.items()}
    single = time_all(sessions, first_rows(feeds, SINGLE), rounds)
    many = time_all(sessions, first_rows(feeds, MANY), max(rounds // 20, 5))
    measured = [
        Measured(
            name=name,
            size_kb=len(model.SerializeToString()) / 1000,
            metrics=score(task, target, predictions[name]),
            single=single[name],
            many=many[name],
        )
        for name, model in candidates.items()
    ]
    return measured, predictions


def predict(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray], batch: int = 4096) -> np.ndarray:
    """Predict raw rows batch by batch."""
    rows = len(next(iter(feeds.values())))
    parts = [run(session, {c: v[i : i + batch] for c, v in feeds.items()}) for i in range(0, rows, batch)]
    return np.concatenate(parts)


def first_rows(feeds: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
    """Just `rows` rows, repeating them where there are fewer."""
    return {name: np.resize(values, (rows, *values.shape[1:])) for name, values in feeds.items()}


def time_all(
    sessions: dict[str, onnxruntime.InferenceSession], feeds: dict[str, np.ndarray], rounds: int
) -> dict[str, Latency]:
    """Time `rounds` calls of every session, the rows already bound as ONNX Runtime's own values.

    The sessions take turns of some calls each, the first of them untimed: a model is served with its weights in the
    processor's caches, where the turn before has left another's.
    """
    bound = {name: _bind(session, feeds) for name, session in sessions.items()}
    seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(-(-rounds // TURN)):
        for name, session in sessions.items():
            session.run_with_iobinding(bound[name])
            for _ in range(TURN):
                start = time.perf_counter()
                session.run_with_iobinding(bound[name])
                seconds[name].append(time.perf_counter() - start)
    return {
        name: Latency(median_us=float(np.median(s)) * 1e6, p99_us=float(np.quantile(s, 0.99)) * 1e6, runs=len(s))
        for name, s in seconds.items()
    }


def _bind(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> onnxruntime.IOBinding:
    """Bind rows once: handing over some forty named arrays from Python costs more than a small model's own work."""
    binding = session.io_binding()
    for name, values in feeds.items():
        if values.dtype == object:
            binding.bind_ortvalue_input(name, _text_value(values))
        else:
            binding.bind_cpu_input(name, np.ascontiguousarray(values))
    binding.bind_output(session.get_outputs()[0].name)
    return binding


def _text_value(values: np.ndarray) -> onnxruntime.OrtValue:
    """Text as an OrtValue, which ONNX Runtime makes from no NumPy array: the output of a model that is a constant."""
    texts: list[Any] = [str(value).encode() for value in values.ravel()]
    constant = helper.make_tensor("text", TensorProto.STRING, values.shape, texts)
    output = helper.make_tensor_value_info("out", TensorProto.STRING, values.shape)
    graph = helper.make_graph([helper.make_node("Identity", ["text"], ["out"])], "text", [], [output], [constant])
    opset = [helper.make_opsetid("", TEXT_OPSET)]
    return open_session(helper.make_model(graph, opset_imports=opset, ir_version=10)).run_with_ort_values(["out"], {})[
        0
    ]
