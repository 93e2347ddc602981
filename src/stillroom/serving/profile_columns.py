"""A model's inputs and predictions as the columns of a profile, with no text but those that the model knows."""

import hashlib
from datetime import datetime

import numpy as np
from whylogs.core import DatasetProfileView

from stillroom.profiles import Column, Counts, fold, new_profile
from stillroom.profiles.columns import count_values
from stillroom.serving.model import Columns
from stillroom.table.signature import Signature


def profile_batch(
    signature: Signature, columns: Columns, predictions: np.ndarray, timestamp: datetime
) -> DatasetProfileView:
    """Profile rows and what the model said of them; a replay of past traffic calls this, the service its parts.

    ``columns`` and ``predictions`` are those of ``Model.predict``; the latter become the column `prediction`, the
    likeliest class where there are classes. ``timestamp`` (with a timezone) is when the rows came.
    """
    profile = new_profile(timestamp)
    fold(profile, profile_columns(signature, columns, predictions))
    return profile.view()


def profile_columns(signature: Signature, columns: Columns, predictions: np.ndarray) -> dict[str, Column]:
    """The model's inputs and output as the columns of a profile; a text that the model does not know is a hash.

    What it knows was frequent in training. Anything else may be a name, an address or someone's words.
    """
    batch: dict[str, Column] = {}
    known = signature.known
    for each in signature.inputs:
        for name, values in each.profiled(columns[each.name]).items():
            batch[name] = _known_texts(name, values, known.get(name, frozenset())) if values.dtype == object else values
    if signature.classes:
        predictions = np.array(signature.classes, dtype=object)[predictions.argmax(axis=1)]
    return {**batch, "prediction": predictions}


def _known_texts(name: str, values: np.ndarray, known: frozenset[str]) -> Counts:
    counted = count_values(name, values)
    shown = [value if value in known else _hashed(value) for value in counted.values]
    return Counts(shown, counted.counts, counted.missing)


def _hashed(text: str) -> str:
    return f"text:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
