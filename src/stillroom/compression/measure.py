"""Measure candidates side by side: quality on held-out rows, size, and latency on this machine."""

from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime
from pydantic import BaseModel, ConfigDict

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.gate import open_session, run
from stillroom.compression.timing import Latency, time_models
from stillroom.runtime.session import CPU
from stillroom.table.metrics import score
from stillroom.table.spec import Task

SINGLE = 1
SINGLE_CALLS, BATCH_CALLS = 10, 1  # timed calls a turn
BATCH_SHARE = 20  # rounds at batch 1 for each timed call of the batch, which takes far longer


class Measured(BaseModel):
    """One candidate: its quality on the test rows, its size, its latency at batch 1 and at the declared batch size.

    ``source`` is the candidate that a quantised one was made from, ``provider`` the execution provider that it ran on.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    size_kb: float
    metrics: dict[str, float]
    single: Latency
    many: Latency
    source: str | None = None
    provider: str = CPU

    @property
    def latencies(self) -> list[Latency]:
        """At batch 1 and at the declared batch size; once where they are the same."""
        return list({latency.rows: latency for latency in (self.single, self.many)}.values())


class Measurements(BaseModel):
    """All candidates, measured in one run."""

    model_config = ConfigDict(frozen=True)

    candidates: list[Measured]

    def __getitem__(self, name: str) -> Measured:
        return next(m for m in self.candidates if m.name == name)


def measure(
    candidates: dict[str, onnx.ModelProto],
    feeds: dict[str, np.ndarray],
    target: np.ndarray,
    task: Task,
    sources: Mapping[str, str | None],
    rounds: int,
    budget: BudgetConfig,
) -> tuple[list[Measured], dict[str, np.ndarray]]:
    """Measure every candidate on the same raw rows; returns the figures and the predictions.

    `sources` names what each quantised candidate was made from; `rounds` are the timed calls of each at batch 1.
    The budget names the batch size and the execution provider.
    """
    batch_size, providers = budget.batch_size, list(dict.fromkeys([budget.provider, CPU]))
    sessions = {name: open_session(model, providers) for name, model in candidates.items()}
    predictions = {name: predict(session, feeds) for name, session in sessions.items()}
    single = time_models(sessions, feeds, SINGLE, -(-rounds // SINGLE_CALLS), SINGLE_CALLS)
    many = time_models(sessions, feeds, batch_size, rounds // BATCH_SHARE, BATCH_CALLS) if batch_size > 1 else single
    measured = [
        Measured(
            name=name,
            size_kb=len(model.SerializeToString()) / 1000,
            metrics=score(task, target, predictions[name]),
            single=single[name],
            many=many[name],
            source=sources.get(name),
            provider=sessions[name].get_providers()[0],
        )
        for name, model in candidates.items()
    ]
    return measured, predictions


def predict(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray], batch: int = 512) -> np.ndarray:
    """Predict raw rows batch by batch."""
    rows = len(next(iter(feeds.values())))
    parts = [run(session, {c: v[i : i + batch] for c, v in feeds.items()}) for i in range(0, rows, batch)]
    return np.concatenate(parts)
