"""The requests, and the numbers that must come back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from stillroom.serving.model import Model, as_columns
from stillroom.table.signature import Signature

ONES, LARGE = 256, 16  # different bodies of one row, and of several
SEED = 0


@dataclass(frozen=True)
class Work:
    """Rows of the test part as JSON objects, and what the model says of them when asked directly."""

    signature: Signature
    rows: list[dict[str, Any]]
    expected: np.ndarray

    @classmethod
    def draw(cls, table: Path, onnx: Path, largest: int) -> "Work":
        """Enough rows for bodies of one row and of ``largest`` rows."""
        model = Model(onnx)
        count = max(ONES, LARGE * largest)
        test = pl.scan_parquet(table).filter(pl.col("split") == "test").select(model.signature.columns).collect()
        drawn = test.sample(count, seed=SEED)
        columns = {name: np.array(drawn[name].to_list(), dtype=object) for name in drawn.columns}
        return cls(model.signature, drawn.to_dicts(), model.predict(as_columns(model.signature, columns)))

    def pieces(self, size: int) -> Iterator[tuple[list[dict[str, Any]], np.ndarray]]:
        """The rows of each request of ``size`` rows, and their predictions."""
        for index in range(ONES if size == 1 else LARGE):
            piece = slice(index * size, (index + 1) * size)
            yield self.rows[piece], self.expected[piece]


def records(rows: list[dict[str, Any]], signature: Signature) -> bytes:
    """A body of rows as JSON objects."""
    return orjson.dumps({"rows": rows})


def tensors(rows: list[dict[str, Any]], signature: Signature) -> bytes:
    """The same rows in the Open Inference Protocol: a tensor a column."""
    inputs = []
    for each in signature.inputs:
        values = [row[each.name] for row in rows]
        if each.kind == "categorical":
            values = [value or "" for value in values]
        datatype = "BYTES" if each.kind == "categorical" else "FP32"
        inputs.append({"name": each.name, "shape": [len(rows), 1], "datatype": datatype, "data": values})
    return orjson.dumps({"inputs": inputs})


def read_predictions(body: bytes) -> np.ndarray:
    """The numbers of an answer in either form."""
    document = orjson.loads(body)
    return np.array(document["predictions"] if "predictions" in document else document["outputs"][0]["data"])


def same(body: bytes, expected: np.ndarray) -> bool:
    """Whether an answer holds the expected numbers; a batch may differ from a row in the last digits of float32."""
    found = read_predictions(body)
    return found.shape == expected.shape and bool(np.allclose(found, expected, rtol=1e-4, atol=1e-6))
