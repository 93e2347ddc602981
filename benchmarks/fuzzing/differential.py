"""JSON rows are read quickly, or slowly where something does not fit: both must say the same."""

import json
from random import Random
from typing import Any

import numpy as np

from fuzzing.mutations import mutated
from fuzzing.targets import ROWS
from serving.loopback import predictor_of
from serving.onnx_models import multiclass
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.json import Json
from stillroom.serving.pieces import together


def differences(inputs: int, random: Random) -> list[str]:
    """The bodies to which the two say different things."""
    version = predictor_of(multiclass()).versions.default
    seeds = [json.dumps({"rows": ROWS * times}).encode() for times in (1, 4)]
    found = []
    for _ in range(inputs):
        body = mutated(random.choice(seeds), seeds, random)
        quick, slow = (_said(way, body, version) for way in (Json().decode, Json().explained))
        if quick != slow:
            found.append(f"{body[:300]!r}: {quick[1]!r:.100} / {slow[1]!r:.100}")
    return found


def _said(way: Any, body: bytes, version: Any) -> tuple[int, Any]:
    try:
        predictions = np.concatenate([version.model.predict(together([piece])) for piece in way(body, version)])
    except RefusedError as refused:
        return refused.status, refused.sentence
    return 200, predictions.tobytes()
