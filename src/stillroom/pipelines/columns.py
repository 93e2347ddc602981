"""A table's rows as a served model takes them."""

import numpy as np
import polars as pl

from stillroom.table.signature import Signature


def raw_columns(rows: pl.DataFrame, signature: Signature) -> dict[str, np.ndarray]:
    """The columns that a model asks for and the rows have: numbers as float32, categories as text.

    Polars spells the text, as it did for training: in numpy an integer column with nulls would be 7.0, and so unseen.
    """
    numeric = {c: rows[c].cast(pl.Float32).to_numpy() for c in signature.numeric if c in rows.columns}
    categorical = {c: rows[c].cast(pl.String).to_numpy() for c in signature.categorical if c in rows.columns}
    return numeric | categorical
