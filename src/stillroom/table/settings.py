"""What may be declared of preparing and encoding a table."""

from pydantic import Field

from stillroom.table.spec import Declared


class EncodingConfig(Declared):
    """``bins`` is the number of quantile bins of each numeric column's piecewise-linear encoding."""

    bins: int = Field(default=16, ge=2)


class PrepareConfig(Declared):
    """How a table is made of its raw ones: ``block_days`` at a time (None: whole), where its pipeline can cut it."""

    block_days: int | None = Field(default=366, gt=0)
