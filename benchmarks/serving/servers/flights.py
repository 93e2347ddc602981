"""The model as every peer holds it: rows of named values in, predictions out, by one ONNX Runtime call on one thread.

It decodes as quickly as we know how to, and checks nothing: what is measured is the server around it.
"""

import os
from typing import Any

import numpy as np
import onnxruntime as ort


class Flights:
    """The ONNX file named by the environment variable MODEL."""

    def __init__(self) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
        inputs = self._session.get_inputs()
        self.texts = [each.name for each in inputs if each.type == "tensor(string)"]
        self.numbers = [each.name for each in inputs if each.type == "tensor(float)"]

    def predict(self, rows: list[dict[str, Any]]) -> list[float]:
        """One prediction a row; None is a missing value."""
        numbers = np.array([row[name] for name in self.numbers for row in rows], dtype=np.float32)
        texts = np.array([row[name] or "" for name in self.texts for row in rows], dtype=object)
        shape = (-1, len(rows), 1)
        columns = dict(zip(self.numbers, numbers.reshape(shape), strict=True))
        columns |= zip(self.texts, texts.reshape(shape), strict=True)
        return self.run(columns)

    def run(self, columns: dict[str, np.ndarray]) -> list[float]:
        """Predict from columns [rows, 1] by name."""
        return self._session.run(["prediction"], columns)[0].tolist()
