"""All inputs side by side in one array: what models take that are no networks."""

import numpy as np

from stillroom.table.column import Column
from stillroom.table.encoding import Encoded, Encoding


def matrix(encoded: Encoded) -> np.ndarray:
    """Float32 [N, width]: numbers raw with NaN = missing, categories as codes."""
    blocks = [block.reshape(len(block), -1).astype(np.float32, copy=False) for block in encoded.inputs.values()]
    return np.ascontiguousarray(np.hstack(blocks))


def coded_columns(encoded: Encoded, encoding: Encoding) -> list[int]:
    """Which of the matrix's columns hold codes."""
    kinds = [_coded(encoded, kind, columns) for kind, columns in encoding.blocks.items()]
    return np.flatnonzero(np.concatenate(kinds)).tolist()


def _coded(encoded: Encoded, kind: str, columns: list[Column]) -> np.ndarray:
    return np.full(int(np.prod(encoded[kind].shape[1:])), columns[0].CODED)
