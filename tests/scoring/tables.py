"""Tables to score with the tiny models of `serving.onnx_models`."""

import polars as pl

ROWS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "f"],
        "distance": [2.5, None, float("nan"), 1400.0, 0.1, -3.0],
        "hour": [7, 9, None, 23, 0, 12],
        "carrier": ["UA", "B6", None, "DL", "never seen", ""],
        "origin": [7, 8, None, 7, 7, 8],
    }
)
"""Missing, unseen and empty values; `origin` is a code, known to the model as the text "7"."""


def many(rows: int) -> pl.DataFrame:
    """These rows over and over, with identifiers of their own and shifted numbers."""
    number = pl.int_range(pl.len())
    repeated = pl.concat([ROWS] * (rows // ROWS.height + 1)).head(rows)
    return repeated.with_columns(id=number, distance=pl.col("distance") + number * 1e-4)
