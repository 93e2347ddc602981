"""Which rows' predictions are kept beside a hash of the row's identifier, so that labels that come late find them."""

import hashlib
import json
from datetime import UTC, datetime

import numpy as np

from stillroom.table.signature import Signature

HEADER = b"x-row-ids"


def row_hash(identifier: str, key: str = "") -> str:
    """What is kept of a row's identifier: 32 hexadecimal digits, which without the key cannot be guessed at."""
    return hashlib.blake2b(identifier.encode(), digest_size=16, key=key.encode()[:64]).hexdigest()


def is_sampled(hashed: str, share: float) -> bool:
    """Whether a row is kept: the same rows in every process, since the hash decides."""
    return int(hashed[:8], 16) < share * 16**8


def answer_lines(
    signature: Signature, version: str, header: bytes, predictions: np.ndarray, share: float, key: str, at: datetime
) -> list[bytes]:
    """JSON lines of `row_id` (its hash), `predicted_on`, `model_version`, and `prediction` or one a class.

    ``header`` holds an identifier for each row, with commas between; where it holds another number, nothing is kept.
    """
    identifiers = [each.strip() for each in header.decode("latin-1").split(",")]
    if len(identifiers) != len(predictions):
        return []
    known = {"predicted_on": at.astimezone(UTC).date().isoformat(), "model_version": version}
    lines = []
    for identifier, prediction in zip(identifiers, predictions.tolist(), strict=True):
        hashed = row_hash(identifier, key)
        if identifier and is_sampled(hashed, share):
            names = [f"prediction_{name}" for name in signature.classes or []]
            said = dict(zip(names, prediction, strict=True)) if names else {"prediction": prediction}
            lines.append(json.dumps({"row_id": hashed, **known, **said}).encode())
    return lines
