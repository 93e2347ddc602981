"""Measure candidates side by side: quality on held-out rows, size, and latency on this machine."""

import time

import numpy as np
import onnx
import onnxruntime
from pydantic import BaseModel, ConfigDict

from stillroom.compression.gate import open_session, run
from stillroom.table.metrics import score
from stillroom.table.spec import Task

SINGLE, MANY = 1, 1000
WARM_UP = 20


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
    return {name: np.resize(values, (rows, 1)) for name, values in feeds.items()}


def time_all(
    sessions: dict[str, onnxruntime.InferenceSession], feeds: dict[str, np.ndarray], rounds: int
) -> dict[str, Latency]:
    """Time one call of every session in turn, `rounds` times."""
    for session in sessions.values():
        for _ in range(min(WARM_UP, rounds)):
            session.run(None, feeds)
    seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(rounds):
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(None, feeds)
            seconds[name].append(time.perf_counter() - start)
    return {
        name: Latency(median_us=float(np.median(s)) * 1e6, p99_us=float(np.quantile(s, 0.99)) * 1e6, runs=rounds)
        for name, s in seconds.items()
    }
