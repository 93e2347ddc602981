"""What batch scoring declares: which rows, what to keep of them, and how they go through the model."""

from typing import Annotated

from pydantic import AfterValidator, Field

from stillroom.runtime.session import CPU, known_providers
from stillroom.table.spec import Declared


class ScoreConfig(Declared):
    """The rows of `kedro run --pipelines score`, and how they go through the model.

    The work is on all cores, or on as many as the environment variable POLARS_MAX_THREADS says.
    """

    source: str = Field(description="a Parquet file, a folder of them, or a pattern such as `orders/2024-*.parquet`")
    keep: list[str] = Field(default=[], description="columns that go along, beside the table's `row_id`")
    batch_rows: int = Field(default=2048, gt=0, description="rows of one model call: they should fit the CPU's cache")
    providers: Annotated[tuple[str, ...], AfterValidator(known_providers)] = Field(
        default=(CPU,), description="ONNX Runtime's execution providers, the preferred first"
    )
    progress: bool = Field(default=True, description="a progress bar, on a terminal")
