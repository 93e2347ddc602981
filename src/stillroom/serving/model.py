"""An exported model: raw named columns in, predictions out, one ONNX Runtime call."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from stillroom.runtime.session import CPU, DEFAULT, Tuning, open_session
from stillroom.runtime.vocabularies import vocabularies
from stillroom.table.signature import METADATA_KEY, Signature

Columns = Mapping[str, np.ndarray]
OUTPUT = "prediction"


class Model:
    """A loaded ONNX file and its signature.

    ``source`` is the file's path or its bytes; ``providers`` are ONNX Runtime's execution providers, the preferred
    first, of which a missing one falls to the next; ``threads`` are those of one call, ``tuning`` ONNX
    Runtime's other options. Raises ValueError where the file is no model of Stillroom's.
    """

    def __init__(
        self, source: Path | bytes, providers: Sequence[str] = (CPU,), threads: int = 1, tuning: Tuning = DEFAULT
    ) -> None:
        self._session = open_session(source, providers, threads, tuning)
        self.signature = _signature(self._session).model_copy(update={"known": vocabularies(source)})
        # `InferenceSession.run` checks every input in Python before the same checks in C++: a third of a one-row call.
        self._run = self._session._sess.run

    def predict(self, columns: Columns) -> np.ndarray:
        """Predict from columns by name, as the kinds of input make them.

        Returns float32: [rows] probabilities or values, or [rows, classes].
        """
        return self._run([OUTPUT], columns, None)[0]


def as_columns(signature: Signature, table: Columns) -> dict[str, np.ndarray]:
    """The model's inputs from one-dimensional arrays by name.

    None and NaN are missing values. A column that ``table`` lacks is missing in every row. This is for tables at hand;
    requests go through ``Reader``.
    """
    absent = np.full(len(next(iter(table.values()))), None, dtype=object)
    return {each.name: each.array(table.get(each.name, absent)) for each in signature.inputs}


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
