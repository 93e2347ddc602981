"""A table's rows as a served model takes them."""

from typing import Any

import numpy as np
import polars as pl

from stillroom.table.kinds import KINDS
from stillroom.table.signature import Signature


def raw_columns(rows: pl.DataFrame, signature: Signature) -> dict[str, np.ndarray]:
    """The columns that a model asks for and the rows have, as plain arrays."""
    return {each.name: KINDS[each.kind].raw(rows[each.name]) for each in signature.inputs if each.name in rows.columns}


def json_rows(rows: pl.DataFrame, signature: Signature) -> list[dict[str, Any]]:
    """Rows as the records of POST /predict, of the columns that they have; None where a value is missing."""
    asked = [each for each in signature.inputs if each.name in rows.columns]
    columns = {each.name: KINDS[each.kind].as_json(rows[each.name]) for each in asked}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
