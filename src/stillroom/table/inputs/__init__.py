"""The inputs of a model as whoever serves it sees them: one small class a kind of column.

This package is packed into the Bento, so it imports nothing but numpy, pydantic and Pillow.
"""

from typing import Annotated, get_args

from pydantic import Field

from stillroom.table.inputs.base import Input, MisfitError, category_text, found
from stillroom.table.inputs.categorical import CategoricalInput
from stillroom.table.inputs.image import ImageInput
from stillroom.table.inputs.numeric import NumericInput

AnyInput = Annotated[NumericInput | CategoricalInput | ImageInput, Field(discriminator="kind")]
INPUTS: tuple[type[Input], ...] = get_args(get_args(AnyInput)[0])

__all__ = [
    "INPUTS",
    "AnyInput",
    "CategoricalInput",
    "ImageInput",
    "Input",
    "MisfitError",
    "NumericInput",
    "category_text",
    "found",
]
