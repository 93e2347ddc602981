"""An exported model: raw named columns in, predictions out, one ONNX Runtime call."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from stillroom.table.signature import METADATA_KEY, Signature

Columns = Mapping[str, np.ndarray]
OUTPUT = "prediction"


class Model:
    """A loaded ONNX file and its signature.

    ``source`` is the file's path or its bytes; ``threads`` are those of one call. Raises ValueError where the file
    is no model of Stillroom's.
    """

    def __init__(self, source: Path | bytes, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        onnx = source if isinstance(source, bytes) else str(source)
        self._session = ort.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        self.signature = _signature(self._session)

    def predict(self, columns: Columns) -> np.ndarray:
        """Predict from columns of shape [rows, 1]: float32 with NaN as missing, or str objects with "" as missing.

        Returns float32: [rows] probabilities or values, or [rows, classes].
        """
        return self._session.run([OUTPUT], columns)[0]


def as_columns(signature: Signature, table: Columns) -> dict[str, np.ndarray]:
    """The model's inputs from one-dimensional arrays by name.

    None and NaN become missing; values of categorical columns become text. A column that ``table`` lacks is missing
    in every row. This is for tables at hand; requests go through ``decode``.
    """
    rows = len(next(iter(table.values())))
    absent = np.full(rows, None, dtype=object)
    columns: dict[str, np.ndarray] = {}
    for name in signature.numeric:
        columns[name] = np.asarray(table.get(name, absent), dtype=np.float32).reshape(-1, 1)
    for name in signature.categorical:
        texts = [category_text(value) for value in table.get(name, absent).tolist()]
        columns[name] = np.array(texts, dtype=object).reshape(-1, 1)
    return columns


def category_text(value: Any) -> str:
    """A category as the model knows it: None and NaN are "", booleans are spelled as in JSON."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _signature(session: ort.InferenceSession) -> Signature:
    metadata = session.get_modelmeta().custom_metadata_map
    if METADATA_KEY not in metadata:
        raise ValueError(f"the ONNX file holds no metadata `{METADATA_KEY}`: it was not exported by Stillroom")
    signature = Signature.from_metadata(metadata[METADATA_KEY])
    inputs = {node.name for node in session.get_inputs()}
    if inputs != set(signature.columns):
        differing = ", ".join(sorted(inputs ^ set(signature.columns)))
        raise ValueError(f"the ONNX file's inputs and its signature differ in: {differing}; export the model anew")
    return signature
