"""How much worse an int8 model is than its float32 one, on the validation rows."""

import math
from dataclasses import dataclass

import numpy as np
import onnx

from stillroom.compression.gate import ExportError, open_session
from stillroom.compression.measure import predict
from stillroom.compression.quality import quality_loss
from stillroom.table.errors import InputError
from stillroom.table.metrics import MAIN_METRIC, main_score
from stillroom.table.spec import Task


@dataclass(frozen=True)
class Judged:
    """A model's primary metric, its loss against float32 (less than 0: better), and what changed of the predictions."""

    score: float
    loss: float
    largest_change: float
    mean_change: float


class Judge:
    """Holds the validation rows, and the float32 model's answers, its score and the size of its file."""

    def __init__(self, model: onnx.ModelProto, feeds: dict[str, np.ndarray], target: np.ndarray, task: Task):
        self._feeds, self._target, self._task = feeds, target, task
        self.size_kb = size_kb(model)
        self._expected = predict(open_session(model), feeds)
        self.score = main_score(task, target, self._expected)
        if math.isnan(self.score):
            raise InputError(
                f"the validation split does not define {MAIN_METRIC[task]}, so that no loss of int8 can be told: "
                "split otherwise, or quantise nothing (compress.quantise.methods=[])"
            )

    def __call__(self, model: onnx.ModelProto) -> Judged:
        """Run an int8 model; raises ExportError on answers that are not finite, and what ONNX Runtime raises."""
        found = predict(open_session(model), self._feeds)
        if not np.isfinite(found).all():
            raise ExportError("answers that are not finite numbers")
        score, change = main_score(self._task, self._target, found), np.abs(found - self._expected)
        loss = quality_loss(score, self.score, MAIN_METRIC[self._task])
        return Judged(score, loss, float(change.max()), float(change.mean()))


def size_kb(model: onnx.ModelProto) -> float:
    """The size of a model's file, in kB of 1,000 bytes."""
    return len(model.SerializeToString()) / 1000
