"""Soft labels: a teacher's answers as targets, beside the hard ones."""

import numpy as np
import polars as pl
from scipy.special import expit, logit, softmax

from stillroom.table.encoding import Encoded, Encoding
from stillroom.table.errors import InputError
from stillroom.training.data import SOFT

SOFT_TARGET = "soft_target"  # begins the names of the columns that hold soft labels
SMALLEST = 1e-7  # a probability that a teacher gives as 0 has no logarithm


def soft_columns(frame: pl.LazyFrame) -> tuple[str, ...]:
    """The columns that hold a teacher's answers, `soft_target_0` and so on: one, or one a class."""
    return tuple(c for c in frame.collect_schema().names() if c.startswith(SOFT_TARGET))


def taught(encoded: Encoded, names: tuple[str, ...], encoding: Encoding, temperature: float) -> Encoded:
    """Encoded rows whose soft labels, by name, became ``soft``, at the temperature, in one shape with ``target``.

    That is [N], or [N, classes] probabilities. A row without a target of its own gets the teacher's answer for it.
    Raises InputError for a regression's temperature.
    """
    task = encoding.target.task
    if task == "regression" and temperature != 1:
        raise InputError("a regression has no temperature: set the student's temperature to 1")
    answers = np.stack([encoded.pop(name) for name in names], axis=1)
    hard = encoded["target"][:, None]
    if task == "multiclass":
        hard = np.where(np.isnan(hard), hard, np.arange(answers.shape[1]) == hard).astype(np.float32)
    hard = np.where(np.isnan(hard), answers, hard)
    soft = softened(answers, temperature)
    encoded["target"], encoded[SOFT] = (hard, soft) if task == "multiclass" else (hard[:, 0], soft[:, 0])
    return encoded


def softened(answers: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities [N, classes], or [N, 1] of a binary task, as their logits divided by the temperature give them.

    Above 1 the unlikely classes count for more. A binary task has the logits 0 and s.
    """
    if temperature == 1:
        return answers
    likely = np.clip(answers, SMALLEST, 1 - SMALLEST)
    if answers.shape[1] == 1:
        return expit(logit(likely) / temperature)
    return softmax(np.log(likely) / temperature, axis=1)
