"""What may be declared of encoding."""

from pydantic import Field

from stillroom.table.spec import Declared


class EncodingConfig(Declared):
    """``bins`` is the number of quantile bins of each numeric column's piecewise-linear encoding."""

    bins: int = Field(default=16, ge=2)
