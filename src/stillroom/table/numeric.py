"""The numeric kind of column: how its statistics are fitted, how it is encoded and exported."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import onnx
import polars as pl
from onnx import TensorProto, helper

from stillroom.table.column import Column, common_measures
from stillroom.table.inputs import NumericInput
from stillroom.table.spec import TableSpec

CLIP_QUANTILES = (0.001, 0.999)
NARROWEST_BIN = 1e-6
FEWEST_IN_BIN = 30


class NumericColumn(Column):
    """One numeric column: standardised to mean 0 and scale 1 within its clipping range, NaN = missing.

    ``bins`` are the rising quantile edges, on the standardised scale, of piecewise-linear encoding
    (Gorishniy et al. 2022); ``flag`` says that a missing-value flag goes with it.
    """

    KIND: ClassVar[str] = "numeric"
    DTYPE: ClassVar[type[np.generic]] = np.float32

    mean: float
    scale: float
    low: float
    high: float
    flag: bool
    bins: list[float]

    @classmethod
    def of(cls, name: str, values: pl.Series, spec: TableSpec, bins: int) -> Self:
        """Fit on the training values; only the number of bins is declared."""
        return cls.fit(name, values, bins)

    @classmethod
    def fit(cls, name: str, values: pl.Series, bins: int) -> Self:
        """Fit on the training values (any numeric or boolean type; null and NaN are missing, infinities left out)."""
        # As float32, which is all that the network will see: what differs by less is one value.
        array = values.cast(pl.Float32).fill_null(float("nan")).to_numpy().astype(np.float64)
        finite = array[np.isfinite(array)]
        if finite.size == 0:
            finite = np.zeros(1)
        low, high = (float(q) for q in np.quantile(finite, CLIP_QUANTILES))
        clipped = np.clip(finite, low, high)
        mean, scale = float(clipped.mean()), float(clipped.std())
        if low == high or scale < np.finfo(np.float32).tiny:
            mean, scale = low, 1.0
        edges = _edges((clipped - mean) / scale, bins)
        flag = bool(np.isnan(array).any())
        return cls(name=name, mean=mean, scale=scale, low=low, high=high, flag=flag, bins=edges)

    def expression(self) -> pl.Expr:
        """The raw value as float32, NaN where missing; the network's first layer does the rest."""
        return pl.col(self.name).cast(pl.Float32).fill_null(float("nan"))

    def graph_input(self) -> onnx.ValueInfoProto:
        """The column as an input of the exported graph: float32 [batch, 1]."""
        return helper.make_tensor_value_info(self.name, TensorProto.FLOAT, ["batch", 1])

    @property
    def input(self) -> NumericInput:
        """Float32 [rows, 1]."""
        return NumericInput(name=self.name)

    @classmethod
    def stack(cls, columns: Sequence[Self], series: list[pl.Series]) -> np.ndarray:
        """Float32 [rows, columns], raw with NaN = missing: standardising is the network's own first layer."""
        return np.stack([values.to_numpy() for values in series], axis=1)

    @classmethod
    def raw(cls, values: pl.Series) -> np.ndarray:
        """Float32, NaN where missing."""
        return values.cast(pl.Float32).fill_null(float("nan")).to_numpy()

    @classmethod
    def ready(cls, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """The same; nulls are filled before the cast, which takes twice as long with them (Polars 2.1)."""
        nan = float("nan")
        if dtype.is_float():
            return value.fill_null(nan).cast(pl.Float32)
        return pl.when(value.is_not_null()).then(value.fill_null(0).cast(pl.Float32)).otherwise(nan).cast(pl.Float32)

    @classmethod
    def read(cls, ready: pl.Series) -> np.ndarray:
        """The numbers where they lie."""
        return ready.to_numpy()

    @classmethod
    def as_json(cls, values: pl.Series) -> list[Any]:
        """Numbers as short as float32 allows, None where a value is missing."""
        return [_short(value) for value in values.cast(pl.Float32).to_list()]

    @classmethod
    def graph_block(cls, columns: Sequence[Self], target: str) -> list[onnx.NodeProto]:
        """One Concat."""
        return [helper.make_node("Concat", [c.name for c in columns], [target], name=f"{target}/gather", axis=1)]

    @classmethod
    def problem(cls, dtype: pl.DataType) -> str | None:
        """It must be a number or a boolean."""
        return None if dtype.is_numeric() or dtype == pl.Boolean else f"its type is {dtype}, no number"

    @classmethod
    def measures(cls, name: str) -> dict[str, pl.Expr]:
        """The common measures, and a summary of the finite values."""
        value = pl.col(name).cast(pl.Float64).fill_nan(None)
        finite = pl.when(value.is_finite()).then(value)
        summary = {"mean": finite.mean(), "std": finite.std(), "min": finite.min(), "max": finite.max()}
        return common_measures(value) | summary


def _short(value: float | None) -> np.float32 | int | None:
    if value is None or not np.isfinite(value):
        return None
    return int(value) if value.is_integer() else np.float32(value)


def _edges(standardised: np.ndarray, bins: int) -> list[float]:
    """Quantile edges, those nearer than `NARROWEST_BIN` merged; at least two."""
    edges = np.sort(_quantiles(standardised, bins)).astype(np.float32)
    edges = edges[np.diff(edges, prepend=-np.inf) > NARROWEST_BIN]
    if edges.size < 2:
        edges = np.array([edges[0] - 1, edges[0] + 1], dtype=np.float32)
    return [float(edge) for edge in edges]


def _quantiles(values: np.ndarray, bins: int) -> np.ndarray:
    """Quantiles, one more than bins, in any order; a value that would be several of them is one.

    The others tell the rest apart, `FEWEST_IN_BIN` rows or more in each: where nine rows in ten are zero, the tenth
    would else have one bin in ten.
    """
    found = np.quantile(values, np.linspace(0, 1, bins + 1))
    frequent = np.unique(found[1:][np.diff(found) == 0])
    rest = values[~np.isin(values, frequent)] if frequent.size else values[:0]
    if not rest.size:
        return found
    left = max(min(bins - frequent.size, rest.size // FEWEST_IN_BIN), 1)
    return np.concatenate([frequent, _quantiles(rest, left)])
