"""An image input: uint8 [rows, height, width, channels], black where missing."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np

from stillroom.table.inputs.base import Input, MisfitError
from stillroom.table.inputs.pictures import PictureError, pixels


class ImageInput(Input):
    """Takes encoded pictures: in JSON as base64 text. Paths and addresses are refused: the service opens none."""

    types: ClassVar[frozenset[type]] = frozenset({str, type(None)})
    expected: ClassVar[str] = "an encoded picture (PNG, JPEG, ...) as base64 text, or null"
    arrow: ClassVar[tuple[str, ...]] = ("bytes", "text")
    scalar: ClassVar[bool] = False
    packages: ClassVar[frozenset[str]] = frozenset({"pillow"})
    kind: Literal["image"] = "image"
    height: int
    width: int
    channels: int

    @classmethod
    def decode(cls, inputs: Sequence[Self], values: np.ndarray) -> dict[str, np.ndarray]:
        """Each picture by itself."""
        return {
            each.name: np.stack([each._picture(row, value) for row, value in enumerate(column)])
            for each, column in zip(inputs, values.tolist(), strict=True)
        }

    def array(self, values: np.ndarray) -> np.ndarray:
        """Pixels of encoded pictures. Raises MisfitError naming the row of one that cannot be decoded."""
        return np.stack([self._pixels(i, value) for i, value in enumerate(values.tolist())])

    def json_schema(self) -> dict[str, Any]:
        """Base64 text or null."""
        return {"type": "string", "format": "byte", "nullable": True, "description": self.expected}

    def profiled(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Brightness and contrast of each picture, 0 to 1: the mean and the deviation of its pixels."""
        levels = values.reshape(len(values), -1).astype(np.float32) / 255
        return {f"{self.name}.brightness": levels.mean(axis=1), f"{self.name}.contrast": levels.std(axis=1)}

    def _picture(self, row: int, value: str | None) -> np.ndarray:
        try:
            return self._pixels(row, base64.b64decode(value, validate=True) if value else None)
        except binascii.Error as error:
            raise MisfitError(row, self.name, f"expected {self.expected}, found text that is not base64") from error

    def _pixels(self, row: int, encoded: bytes | None) -> np.ndarray:
        try:
            return pixels(encoded, self.height, self.width, self.channels)
        except PictureError as error:
            raise MisfitError(row, self.name, str(error)) from error
