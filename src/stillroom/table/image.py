"""The image kind of column: how its statistics are fitted, how it is decoded, encoded and exported."""

import base64
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import onnx
import polars as pl
from onnx import TensorProto, helper

from stillroom.table.column import Column, common_measures
from stillroom.table.errors import InputError
from stillroom.table.inputs import ImageInput, MisfitError
from stillroom.table.spec import TableSpec

FITTED_ON = 2000


class ImageColumn(Column):
    """One column of encoded pictures, brought to one size; mean and deviation of each channel, levels 0 to 1."""

    KIND: ClassVar[str] = "image"
    DTYPE: ClassVar[type[np.generic]] = np.uint8
    OPTIONAL: ClassVar[bool] = False
    LARGEST: ClassVar[float] = 255.0

    height: int
    width: int
    channels: int
    mean: list[float]
    deviation: list[float]

    @classmethod
    def of(cls, name: str, values: pl.Series, spec: TableSpec, bins: int) -> Self:
        """Fit on some training pictures, to the declared size."""
        size = spec.image[name].model_dump()
        column = cls(name=name, mean=[], deviation=[], **size)
        levels = column.feed(values.drop_nulls().head(FITTED_ON)) / cls.LARGEST
        mean, deviation = levels.mean(axis=(0, 1, 2)), np.maximum(levels.std(axis=(0, 1, 2)), 1e-3)
        return cls(name=name, mean=mean.tolist(), deviation=deviation.tolist(), **size)

    @property
    def input(self) -> ImageInput:
        """Pixels, uint8 [rows, height, width, channels]."""
        return ImageInput(name=self.name, height=self.height, width=self.width, channels=self.channels)

    def expression(self) -> pl.Expr:
        """The encoded bytes; `stack` decodes them."""
        return pl.col(self.name)

    @classmethod
    def stack(cls, columns: Sequence[Self], series: list[pl.Series]) -> np.ndarray:
        """Pixels as networks take them: uint8 [rows, channels of all columns, height, width]."""
        pictures = [column.feed(values) for column, values in zip(columns, series, strict=True)]
        # A copy, channels first in its strides too, which a view of one channel is not for torch: in its memory format
        # for channels last, torch 2.13's convolutions of few channels corrupt memory.
        return np.concatenate(pictures, axis=3).transpose(0, 3, 1, 2).copy()

    @classmethod
    def zeros(cls, columns: Sequence[Self], rows: int) -> np.ndarray:
        """Black pictures."""
        return np.zeros((rows, sum(c.channels for c in columns), columns[0].height, columns[0].width), cls.DTYPE)

    @classmethod
    def raw(cls, values: pl.Series) -> np.ndarray:
        """Encoded bytes, None where missing."""
        return np.array([*values.to_list(), None], dtype=object)[:-1]

    @classmethod
    def as_json(cls, values: pl.Series) -> list[Any]:
        """Base64 text, None where missing."""
        return [None if value is None else base64.b64encode(value).decode() for value in values.to_list()]

    def feed(self, values: pl.Series) -> np.ndarray:
        """Pixels of a raw column. Raises InputError naming the row of a picture that cannot be decoded."""
        if not len(values):
            return np.zeros((0, self.height, self.width, self.channels), np.uint8)
        try:
            return super().feed(values)
        except MisfitError as error:
            raise InputError(str(error)) from error

    def graph_input(self) -> onnx.ValueInfoProto:
        """Pixels of any size: uint8 [batch, height, width, channels]."""
        shape: list[str | int | None] = ["batch", f"{self.name}_height", f"{self.name}_width", self.channels]
        return helper.make_tensor_value_info(self.name, TensorProto.UINT8, shape)

    @classmethod
    def graph_block(cls, columns: Sequence[Self], target: str) -> list[onnx.NodeProto]:
        """Channels first, each picture brought to the declared size; the same array that `stack` makes."""
        sized = [f"{target}/{i}" for i in range(len(columns))]
        nodes = [node for c, output in zip(columns, sized, strict=True) for node in c._graph_resize(output)]
        return [*nodes, helper.make_node("Concat", sized, [target], name=f"{target}/gather", axis=1)]

    def _graph_resize(self, output: str) -> list[onnx.NodeProto]:
        """Bilinear and antialiased, rounded to whole levels, as Pillow does it."""
        first, levels, head, sides, size, resized, whole = (
            f"{output}/{part}" for part in ("first", "levels", "head", "sides", "size", "resized", "whole")
        )
        declared = helper.make_tensor(sides, TensorProto.INT64, [2], [self.height, self.width])
        return [
            helper.make_node("Transpose", [self.name], [first], name=first, perm=[0, 3, 1, 2]),
            helper.make_node("Cast", [first], [levels], name=levels, to=TensorProto.FLOAT),
            # All four sizes: with `axes` for two, ONNX Runtime 1.32 cannot load the graph once it is int8.
            helper.make_node("Shape", [levels], [head], name=head, start=0, end=2),
            helper.make_node("Constant", [], [sides], name=sides, value=declared),
            helper.make_node("Concat", [head, sides], [size], name=size, axis=0),
            helper.make_node(
                "Resize",
                [levels, "", "", size],
                [resized],
                name=resized,
                mode="linear",
                antialias=1,
                exclude_outside=1,
            ),
            helper.make_node("Round", [resized], [whole], name=whole),
            helper.make_node("Cast", [whole], [output], name=f"{output}/cast", to=TensorProto.UINT8),
        ]

    @classmethod
    def problem(cls, dtype: pl.DataType) -> str | None:
        """It must be encoded bytes."""
        if dtype == pl.Binary:
            return None
        hint = "; for paths, read the table with stillroom.datasets.pictures.PictureTableDataset"
        return f"its type is {dtype}, not Binary with encoded pictures{hint if dtype == pl.String else ''}"

    @classmethod
    def measures(cls, name: str) -> dict[str, pl.Expr]:
        """The common measures of the bytes."""
        return common_measures(pl.col(name))
