"""Categories looked up a column at a time, before the graph, which would look them up text by text.

ONNX Runtime takes a text as an object of Python's and copies it, under Python's global lock: for the flights' five
categories that costs as much as half the model.
"""

from dataclasses import dataclass

import numpy as np
import onnx
import polars as pl
from onnx import helper

# Where an encoder keeps its codes and the one of other texts, what that is by the standard, and their type.
CODES = {
    "values_int64s": ("default_int64", -1, np.int64),
    "values_floats": ("default_float", -0.0, np.float32),
}


@dataclass(frozen=True)
class Vocabulary:
    """What one LabelEncoder of a graph says: the code of each text, and last the code of any other."""

    texts: tuple[str, ...]
    codes: np.ndarray

    def expression(self, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """Where each value's text stands in the vocabulary, uint32; a missing value is the text ""."""
        other = len(self.texts)
        missing = self.texts.index("") if "" in self.texts else other
        known = column.cast(pl.String).cast(pl.Enum(self.texts), strict=False).to_physical().cast(pl.UInt32)
        # Places are filled in, not texts, which takes as long again as looking them up.
        return pl.when(column.is_not_null()).then(known.fill_null(other)).otherwise(pl.lit(missing, pl.UInt32))

    def whole(self, ready: pl.Series) -> np.ndarray:
        """These places, where they lie."""
        return ready.to_numpy()

    def batch(self, values: np.ndarray) -> np.ndarray:
        """The codes [rows, 1] at these places."""
        return self.codes[values].reshape(-1, 1)


def take_out(model: onnx.ModelProto) -> dict[str, Vocabulary]:
    """Let a graph take codes where it took text, in place; returns the vocabularies by input.

    An input whose text goes anywhere but into one LabelEncoder stays as it is.
    """
    inputs = {each.name: each for each in model.graph.input}
    taken = [name for node in model.graph.node for name in node.input]
    found = {}
    for node in model.graph.node:
        if node.op_type != "LabelEncoder" or node.input[0] not in inputs or taken.count(node.input[0]) > 1:
            continue
        vocabulary = _vocabulary(node)
        if vocabulary:
            column = inputs[node.input[0]]
            column.type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(vocabulary.codes.dtype)
            node.CopyFrom(helper.make_node("Identity", list(node.input), list(node.output), name=node.name))
            found[column.name] = vocabulary
    return found


def _vocabulary(node: onnx.NodeProto) -> Vocabulary | None:
    """None where the encoder's keys are no texts, or its values no numbers."""
    told = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    for values, (default, standard, dtype) in CODES.items():
        if "keys_strings" in told and values in told:
            texts = tuple(text.decode() for text in told["keys_strings"])
            return Vocabulary(texts, np.array([*told[values], told.get(default, standard)], dtype))
    return None
