"""A few rows whose predictions are on record beside a model: proof that it predicts here as where it was made."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from stillroom.serving.model import Model
from stillroom.serving.reader import Reader

# Every column may be missing, so that these rows fit any model.
BLANK: list[dict[str, Any]] = [{}, {}]


class ParityError(Exception):
    """A model does not predict what it should, which the message says of "it"."""


def record(model: Model, rows: Sequence[dict[str, Any]]) -> bytes:
    """A sample as JSON, from rows as POST /predict takes them; raises ParityError where predictions are not finite."""
    plain = orjson.loads(orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY))
    return orjson.dumps({"rows": plain, "predictions": _sound(model, plain)}, option=orjson.OPT_SERIALIZE_NUMPY)


def check(model: Model, recorded: bytes | None, tolerance: float) -> None:
    """Ask the model about a recorded sample, or about blank rows where there is none.

    Predictions must be finite, of the right shape, and differ from those recorded by no more than ``tolerance`` times
    the largest of them. Raises ParityError.
    """
    if recorded is None:
        _sound(model, BLANK)
        return
    sample = orjson.loads(recorded)
    found, expected = _sound(model, sample["rows"]), np.array(sample["predictions"], np.float32)
    if found.shape != expected.shape:
        raise ParityError(f"it answers its sample in the shape {found.shape}, recorded {expected.shape}")
    worst, allowed = float(np.abs(found - expected).max()), tolerance * float(np.abs(expected).max())
    if worst > allowed:
        raise ParityError(f"it differs from its recorded predictions by {worst:.2e}, allowed {allowed:.2e}")


def _sound(model: Model, rows: list[dict[str, Any]]) -> np.ndarray:
    found = model.predict(next(Reader(model.signature, len(rows), len(rows)).rows(rows)))
    classes = model.signature.classes
    shape = (len(rows), len(classes)) if classes else (len(rows),)
    if found.shape != shape:
        raise ParityError(f"it answers {len(rows)} rows in the shape {found.shape}, expected {shape}")
    if not np.isfinite(found).all():
        raise ParityError("it answers with predictions that are not finite numbers")
    return found
