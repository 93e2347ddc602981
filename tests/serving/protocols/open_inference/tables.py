"""Rows with strings and missing values, and what a model says of them without any protocol."""

import numpy as np

from stillroom.serving.model import Model, as_columns

COLUMNS = {
    "distance": np.array([2.5, np.nan, -1.25], np.float32),
    "hour": np.array([7, 9, np.nan], np.float32),
    "carrier": np.array(["UA", "", "ÅÄ"], object),
    "origin": np.array(["JFK", "EWR", ""], object),
}


def expected(onnx: bytes, columns: dict[str, np.ndarray] = COLUMNS) -> np.ndarray:
    """What the model itself predicts."""
    model = Model(onnx)
    return model.predict(as_columns(model.signature, columns))
