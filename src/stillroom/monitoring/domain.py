"""Can a small model tell live rows from reference rows? What single columns do not show, their combinations may."""

from typing import Any

import lightgbm
import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from stillroom.monitoring.settings import DomainConfig

_TREES: dict[str, Any] = {"num_leaves": 15, "learning_rate": 0.1, "min_child_samples": 50, "n_estimators": 60}
_NAMED = 5


class DomainFinding(BaseModel):
    """ROC AUC of telling live from reference rows, out of fold: 0.5 where they are alike, 1 where nothing is.

    ``columns`` are those that tell them apart best, with their share of the classifier's gain.
    """

    model_config = ConfigDict(frozen=True)

    auc: float
    low: float
    high: float
    rows: int
    columns: dict[str, float]


def tell_apart(reference: pl.DataFrame, live: pl.DataFrame, config: DomainConfig) -> DomainFinding | None:
    """Train and judge the classifier on the columns that both sides have; None where it is off.

    Raises ValueError where a side has fewer rows than folds.
    """
    if not config.enabled:
        return None
    rows = min(config.rows, reference.height, live.height)
    if rows < config.folds:
        raise ValueError(f"a side has {rows} rows; the domain classifier needs at least one for each fold")
    both = [frame.sample(rows, seed=config.seed) for frame in (reference, live)]
    table = pl.concat(both, how="vertical_relaxed")
    features, is_live = _features(table), np.repeat([0, 1], rows)
    said, gains = np.empty(2 * rows), np.zeros(features.shape[1])
    split = StratifiedKFold(config.folds, shuffle=True, random_state=config.seed)
    for train, test in split.split(features, is_live):
        model = lightgbm.LGBMClassifier(
            **_TREES, importance_type="gain", n_jobs=1, verbose=-1, random_state=config.seed
        )
        model.fit(features[train], is_live[train])
        said[test] = np.asarray(model.predict_proba(features[test]))[:, 1]
        gains += model.feature_importances_
    low, high = _band(is_live, said, config)
    top = np.argsort(-gains)[:_NAMED]
    shares = {table.columns[i]: float(gains[i] / gains.sum()) for i in top if gains[i] > 0}
    return DomainFinding(auc=float(roc_auc_score(is_live, said)), low=low, high=high, rows=rows, columns=shares)


def _features(table: pl.DataFrame) -> np.ndarray:
    """Numbers as they are, categories by their order; missing values stay missing."""
    ordered = [pl.col(name).rank("dense").cast(pl.Float64) for name in table.columns if table[name].dtype == pl.String]
    return table.with_columns(ordered).cast(pl.Float64).to_numpy()


def _band(truth: np.ndarray, said: np.ndarray, config: DomainConfig) -> tuple[float, float]:
    rng, tail = np.random.default_rng(config.seed), (1 - config.confidence) / 2
    draws = [
        roc_auc_score(truth[rows], said[rows]) for rows in rng.integers(0, len(truth), (config.bootstrap, len(truth)))
    ]
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)
