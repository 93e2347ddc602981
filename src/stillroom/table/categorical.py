"""The categorical kind of column: its vocabulary, how it is encoded and exported."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import onnx
import polars as pl
from onnx import TensorProto, helper

from stillroom.table.column import Column, common_measures
from stillroom.table.inputs import CategoricalInput
from stillroom.table.ordinal import ordinal
from stillroom.table.spec import TableSpec

MISSING, UNKNOWN, FIRST = 0, 1, 2


class CategoricalColumn(Column):
    """One column of categories as text: code 0 is missing (null or ""), 1 unknown, 2 and up the vocabulary."""

    KIND: ClassVar[str] = "categorical"
    DTYPE: ClassVar[type[np.generic]] = np.int64
    CODED: ClassVar[bool] = True

    vocabulary: list[str]

    @property
    def cardinality(self) -> int:
        """How many codes there are, missing and unknown included."""
        return FIRST + len(self.vocabulary)

    @classmethod
    def of(cls, name: str, values: pl.Series, spec: TableSpec, bins: int) -> Self:
        """Fit on the training values as the table declares."""
        return cls.fit(name, values, spec.max_categories, spec.min_category_count)

    @classmethod
    def fit(cls, name: str, values: pl.Series, max_categories: int, min_count: int) -> Self:
        """Keep the most frequent training values; the rarer ones teach the model what unknown looks like."""
        text = values.cast(pl.String).drop_nulls().alias("value")
        counts = text.filter(text != "").value_counts(name="rows").filter(pl.col("rows") >= min_count)
        kept = counts.sort(["rows", "value"], descending=[True, False]).head(max_categories)
        return cls(name=name, vocabulary=kept["value"].to_list())

    def expression(self) -> pl.Expr:
        """The code of each value as int64."""
        text = pl.col(self.name).cast(pl.String).fill_null("")
        known = ordinal(text, self.vocabulary).cast(pl.Int64) + FIRST
        code = pl.when(text == "").then(pl.lit(MISSING, pl.Int64)).otherwise(known.fill_null(UNKNOWN))
        return code.alias(self.name)

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

    @property
    def input(self) -> CategoricalInput:
        """Text [rows, 1]."""
        return CategoricalInput(name=self.name)

    @classmethod
    def stack(cls, columns: Sequence[Self], series: list[pl.Series]) -> np.ndarray:
        """Codes, int64 [rows, columns]."""
        return np.stack([values.to_numpy() for values in series], axis=1)

    @classmethod
    def raw(cls, values: pl.Series) -> np.ndarray:
        """Text, None where missing; in numpy an integer column with nulls would be 7.0, and so unseen."""
        return values.cast(pl.String).to_numpy()

    @classmethod
    def as_json(cls, values: pl.Series) -> list[Any]:
        """Text, None where missing."""
        return values.cast(pl.String).to_list()

    @classmethod
    def odd(cls, value: pl.Expr, turn: pl.Expr) -> pl.Expr:
        """Some values missing, others never seen."""
        return pl.when(turn == 5).then(pl.lit("never seen before")).otherwise(super().odd(value.cast(pl.String), turn))

    @classmethod
    def graph_block(cls, columns: Sequence[Self], target: str) -> list[onnx.NodeProto]:
        """One LabelEncoder a column, and one Concat."""
        codes = [f"{target}/{i}" for i in range(len(columns))]
        encoders = [c.graph_encoder(code) for c, code in zip(columns, codes, strict=True)]
        return [*encoders, helper.make_node("Concat", codes, [target], name=f"{target}/gather", axis=1)]

    @classmethod
    def problem(cls, dtype: pl.DataType) -> str | None:
        """It must be a single value."""
        nested = dtype.is_nested() or dtype in (pl.Binary, pl.Object)
        return f"its type is {dtype}, no single value: take it apart first" if nested else None

    @classmethod
    def measures(cls, name: str) -> dict[str, pl.Expr]:
        """The common measures of the text."""
        text = pl.col(name).cast(pl.String)
        return common_measures(pl.when(text != "").then(text))
