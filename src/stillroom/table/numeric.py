"""The numeric kind of column: how its statistics are fitted, how it is encoded and exported."""

import numpy as np
import onnx
import polars as pl
from onnx import TensorProto, helper

from stillroom.table.spec import Declared

CLIP_QUANTILES = (0.001, 0.999)
NARROWEST_BIN = 1e-6


class NumericColumn(Declared):
    """One numeric column: standardised to mean 0 and scale 1 within its clipping range, NaN = missing.

    ``bins`` are the rising quantile edges, on the standardised scale, of piecewise-linear encoding
    (Gorishniy et al. 2022); ``flag`` says that a missing-value flag goes with it.
    """

    name: str
    mean: float
    scale: float
    low: float
    high: float
    flag: bool
    bins: list[float]

    @classmethod
    def fit(cls, name: str, values: pl.Series, bins: int) -> "NumericColumn":
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

    def feed(self, values: pl.Series) -> np.ndarray:
        """A raw column as the exported graph takes it: float32 [rows, 1], NaN where missing."""
        return values.cast(pl.Float32).fill_null(float("nan")).to_numpy().reshape(-1, 1)


def _edges(standardised: np.ndarray, bins: int) -> list[float]:
    """Quantile edges, those nearer than `NARROWEST_BIN` merged; at least two."""
    edges = np.quantile(standardised, np.linspace(0, 1, bins + 1)).astype(np.float32)
    edges = edges[np.diff(edges, prepend=-np.inf) > NARROWEST_BIN]
    if edges.size < 2:
        edges = np.array([edges[0] - 1, edges[0] + 1], dtype=np.float32)
    return [float(edge) for edge in edges]
