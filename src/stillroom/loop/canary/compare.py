"""A new version against the one before it, by what their services counted of both in the same time."""

import math

import numpy as np
from scipy.special import chdtri

from stillroom.loop.canary.counts import Counts
from stillroom.loop.settings import CanaryConfig

CHANCE = 0.001


def compare(new: Counts, old: Counts, config: CanaryConfig) -> list[str]:
    """What speaks against the new version, one sentence each; none where it is as good."""
    found = [_errors(new, old, config), _latency(new, old, config), _predictions(new, old, config)]
    return [sentence for sentence in found if sentence]


def percentile(buckets: dict[str, int], share: float) -> float:
    """The value below which this share lies, in a straight line within its bucket; inf where it is in the last.

    Source: Prometheus, `histogram_quantile`.
    """
    wanted, below, low = share * sum(buckets.values()), 0, 0.0
    for bound, count in sorted((float(bound), count) for bound, count in buckets.items()):
        if count and below + count >= wanted:
            return bound if math.isinf(bound) else low + (bound - low) * (wanted - below) / count
        below, low = below + count, bound
    return math.nan


def stability(new: dict[str, int], old: dict[str, int]) -> tuple[float, float]:
    """The population stability index between two tallies, and what chance alone does not reach.

    One half is added to each count, so that an empty bin does not make it infinite. Source: for equal distributions
    the index is near (1/n + 1/m) chi-squared with bins - 1 degrees of freedom (Yurdakul and Naranjo 2020).
    """
    bins = [key for key in new.keys() | old.keys() if new.get(key, 0) + old.get(key, 0)]
    if len(bins) < 2 or not sum(new.values()) or not sum(old.values()):
        return 0.0, 0.0
    first, second = (np.array([tally.get(key, 0) for key in bins], dtype=float) for tally in (new, old))
    p, q = (first + 0.5) / (first + 0.5).sum(), (second + 0.5) / (second + 0.5).sum()
    by_chance = (1 / first.sum() + 1 / second.sum()) * float(chdtri(len(bins) - 1, CHANCE))
    return float(((p - q) * np.log(p / q)).sum()), by_chance


def _errors(new: Counts, old: Counts, config: CanaryConfig) -> str:
    share, before = new.failed / new.requests, old.failed / old.requests
    if share <= before + config.error_share:
        return ""
    return f"{share:.1%} of the new version's {new.requests} requests failed, against {before:.1%} of {old.requests}"


def _latency(new: Counts, old: Counts, config: CanaryConfig) -> str:
    now, before = (1000 * percentile(counts.seconds, 0.95) for counts in (new, old))
    if not now > max(config.latency_ms, config.latency_ratio * before):
        return ""
    return f"The new version's 95th percentile of latency is {now:.3g} ms, against {before:.3g} ms"


def _predictions(new: Counts, old: Counts, config: CanaryConfig) -> str:
    found, by_chance = stability(new.predictions, old.predictions)
    allowed = max(config.prediction_psi, by_chance)
    if found <= allowed:
        return ""
    return f"The new version predicts otherwise than the one before it: PSI {found:.2f}, {allowed:.2f} allowed"
