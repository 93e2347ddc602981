"""Quality before labels come: confidence-based performance estimation (CBPE).

A calibrated probability says how often a prediction will turn out right, so the expected confusion matrix of rows
without labels is known, and with it every figure made of it. It sees what a change of the inputs does. It is blind to
concept drift: where the same inputs come to mean something else, the probabilities go on promising what was.
(Garg et al. 2022, "Leveraging unlabeled data to predict out-of-distribution performance"; NannyML's CBPE.)
"""

from collections.abc import Callable

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from stillroom.monitoring.quality.bands import Bands, Spans, Truth, banded, figures_of
from stillroom.monitoring.quality.outcomes import Outcomes
from stillroom.monitoring.quality.statistics import statistics_of
from stillroom.monitoring.settings import MonitorConfig

FEWEST_ROWS = 30
ISOTONIC_ROWS = 1000  # below, isotonic regression overfits (scikit-learn's user guide): a logistic curve instead
_REFITS = 20
_SMALLEST_PROBABILITY = 1e-6

Curve = Callable[[np.ndarray], np.ndarray]


def method_of(held_out: Outcomes) -> str:
    """How probabilities are calibrated with so many labelled rows: `isotonic` or `Platt`."""
    return "isotonic" if len(held_out) >= ISOTONIC_ROWS else "Platt"


def can_estimate(held_out: Outcomes) -> bool:
    """Whether labelled rows tell enough to calibrate by: some of them, of two classes or more."""
    return held_out.task != "regression" and len(held_out) >= FEWEST_ROWS and np.unique(held_out.target).size > 1


def estimate(
    live: Outcomes, held_out: Outcomes, group: np.ndarray, spans: Spans, config: MonitorConfig
) -> dict[str, Bands]:
    """The figures to be expected of windows of live rows, whose labels are not looked at.

    ``held_out`` are labelled rows that ``can_estimate``. The band is where the truth will lie if nothing but the
    inputs has changed: labels are drawn from the calibrated probabilities, which are calibrated anew on resamples.
    """
    statistics = statistics_of(live.task, live.prediction)
    expected = calibrated(live, held_out, np.ones(len(held_out)))
    groups = int(spans.last.max()) + 1
    value = figures_of(statistics, expected, group, groups, spans)
    return banded(statistics, value, _label_draws(live, held_out, config), group, spans, config)


def calibrated(rows: Outcomes, held_out: Outcomes, weights: np.ndarray) -> np.ndarray:
    """The rows' predictions as probabilities that held on the held-out rows, in the shape of the predictions.

    Several classes are calibrated one by one against the others, and then made to add up to 1.
    """
    if rows.prediction.ndim == 1:
        return _curve(held_out.prediction, held_out.target == 1, weights)(rows.prediction)
    columns = [
        _curve(held_out.prediction[:, k], held_out.target == k, weights)(rows.prediction[:, k])
        for k in range(rows.prediction.shape[1])
    ]
    chances = np.clip(np.column_stack(columns), _SMALLEST_PROBABILITY, None)
    return chances / chances.sum(axis=1, keepdims=True)


def _curve(said: np.ndarray, came: np.ndarray, weights: np.ndarray) -> Curve:
    """From the probability said to the share that came true, never falling."""
    drawn = weights > 0
    if came[drawn].all() or not came[drawn].any():  # what was never seen otherwise cannot be calibrated
        return lambda asked: np.asarray(asked, dtype=np.float64)
    if len(said) >= ISOTONIC_ROWS:
        isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        return isotonic.fit(said.astype(np.float64), came, sample_weight=weights).predict
    platt = LogisticRegression().fit(_log_odds(said), came, sample_weight=weights)
    return lambda asked: platt.predict_proba(_log_odds(asked))[:, 1]


def _log_odds(said: np.ndarray) -> np.ndarray:
    clipped = np.clip(said.astype(np.float64), _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY)
    return np.log(clipped / (1 - clipped))[:, None]


def _label_draws(live: Outcomes, held_out: Outcomes, config: MonitorConfig) -> Truth:
    """Labels drawn from the calibrated probabilities, of one resampled calibration after the other."""
    rng = np.random.default_rng(config.seed)
    refits = [calibrated(live, held_out, rng.poisson(1.0, len(held_out)).astype(np.float64)) for _ in range(_REFITS)]
    drawn = 0

    def draw(rng: np.random.Generator) -> np.ndarray:
        nonlocal drawn
        chances = refits[drawn % _REFITS]
        drawn += 1
        if chances.ndim == 1:
            return (rng.random(len(chances)) < chances).astype(np.float64)
        until = np.cumsum(chances, axis=1)
        labels = (rng.random((len(chances), 1)) > until[:, :-1]).sum(axis=1)
        return np.eye(chances.shape[1])[labels]

    return draw
