"""Rows with predictions and labels, good or bad at will."""

import datetime as dt

import numpy as np

from stillroom.monitoring.quality import Outcomes

FIRST_LIVE_DAY = dt.date(2013, 12, 1)
FIRST_HELD_OUT_DAY = dt.date(2013, 10, 1)


def dates(first, days, rows):
    return np.repeat(np.datetime64(first) + np.arange(days), rows)


def binary(first, skills, seed, rows=1_500, **more):
    """Days of binary labels; ``skill`` 1 predicts the true chance, 0 predicts noise of the same shape."""
    rng = np.random.default_rng(seed)
    size = len(skills) * rows
    chance = rng.beta(2, 5, size)
    prediction = np.where(rng.random(size) < np.repeat(skills, rows), chance, rng.beta(2, 5, size))
    target = (rng.random(size) < chance).astype(float)
    return Outcomes("binary", dates(first, len(skills), rows), prediction, target, **more)


def multiclass(first, days, seed, rows=1_500, sharpness=1.0):
    """Three classes, the predictions being the true chances, more certain of one where ``sharpness`` is greater."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, sharpness, (days * rows, 3))
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    target = (rng.random((len(chances), 1)) > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1).astype(float)
    return Outcomes("multiclass", dates(first, days, rows), chances, target)


def regression(first, noises, seed, rows=1_000, **more):
    rng = np.random.default_rng(seed)
    size = len(noises) * rows
    target = rng.normal(5_000, 10, size)
    return Outcomes(
        "regression", dates(first, len(noises), rows), target + rng.normal(0, np.repeat(noises, rows)), target, **more
    )


def none_of(outcomes):
    return outcomes.take(np.arange(0))


def without_labels(outcomes, known=None):
    """The same rows, with labels only for those that are ``known``."""
    target = np.full(len(outcomes), np.nan) if known is None else np.where(known, outcomes.target, np.nan)
    return Outcomes(outcomes.task, outcomes.dates, outcomes.prediction, target, outcomes.slices)
