"""Pieces of requests: what is predicted in one call of the model, or gathered for one."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from stillroom.serving.model import Columns
from stillroom.serving.records import Records

Piece = Columns | Records


def length(piece: Piece) -> int:
    """How many rows a piece holds."""
    return len(piece) if isinstance(piece, Records) else len(next(iter(piece.values())))


def together(pieces: Sequence[Piece]) -> Columns:
    """The inputs of one call for all pieces, which are of one version. Raises RefusedError where a record does not fit.

    Records are put together before they are made columns, since many small arrays cost more than one large.
    """
    if len(pieces) > 1 and all(isinstance(piece, Records) for piece in pieces):
        rows = list(chain.from_iterable(piece.rows for piece in pieces))  # type: ignore[union-attr]
        return Records(pieces[0].decoder, rows).columns()  # type: ignore[union-attr]
    parts = [piece.columns() if isinstance(piece, Records) else piece for piece in pieces]
    return parts[0] if len(parts) == 1 else {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
