"""The categorical kind of column: its vocabulary, how it is encoded and exported."""

import numpy as np
import onnx
import polars as pl
from onnx import TensorProto, helper

from stillroom.table.spec import Declared

MISSING, UNKNOWN, FIRST = 0, 1, 2


class CategoricalColumn(Declared):
    """One column of categories as text: code 0 is missing (null or ""), 1 unknown, 2 and up the vocabulary."""

    name: str
    vocabulary: list[str]

    @property
    def cardinality(self) -> int:
        """How many codes there are, missing and unknown included."""
        return FIRST + len(self.vocabulary)

    @classmethod
    def fit(cls, name: str, values: pl.Series, max_categories: int, min_count: int) -> "CategoricalColumn":
        """Keep the most frequent training values; the rarer ones teach the model what unknown looks like."""
        text = values.cast(pl.String).drop_nulls().alias("value")
        counts = text.filter(text != "").value_counts(name="rows").filter(pl.col("rows") >= min_count)
        kept = counts.sort(["rows", "value"], descending=[True, False]).head(max_categories)
        return cls(name=name, vocabulary=kept["value"].to_list())

    def expression(self) -> pl.Expr:
        """The code of each value as int64."""
        codes = range(FIRST, self.cardinality)
        text = pl.col(self.name).cast(pl.String).fill_null("")
        return text.replace_strict(["", *self.vocabulary], [MISSING, *codes], default=UNKNOWN, return_dtype=pl.Int64)

    def graph_input(self) -> onnx.ValueInfoProto:
        """The column as an input of the exported graph: string [batch, 1]."""
        return helper.make_tensor_value_info(self.name, TensorProto.STRING, ["batch", 1])

    def graph_encoder(self, output: str) -> onnx.NodeProto:
        """The node that turns this input's text into codes: core `ai.onnx.ml` LabelEncoder, opset 2 and up."""
        return helper.make_node(
            "LabelEncoder",
            [self.name],
            [output],
            name=f"encode_{output}",
            domain="ai.onnx.ml",
            keys_strings=["", *self.vocabulary],
            values_int64s=[MISSING, *range(FIRST, self.cardinality)],
            default_int64=UNKNOWN,
        )

    def feed(self, values: pl.Series) -> np.ndarray:
        """A raw column as the exported graph takes it: object array of str [rows, 1], "" where missing."""
        return values.cast(pl.String).fill_null("").to_numpy().astype(object).reshape(-1, 1)
