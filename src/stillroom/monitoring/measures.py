"""What is measured of a column's windows against its reference, and how far sampling noise alone would reach.

Every measure is an effect size of shape [windows]; NaN where a window holds nothing to measure.
"""

import numpy as np
from scipy.stats import norm, poisson

from stillroom.monitoring.bins import Bins, NumericBins
from stillroom.monitoring.distances import jensen_shannon, psi, psi_noise, wasserstein
from stillroom.monitoring.settings import MonitorConfig
from stillroom.monitoring.tally import Tally

Measures = dict[str, np.ndarray]


def measured(windows: Tally, reference: Tally) -> Measures:
    """The measures that columns of every kind have; `strangers` are unseen categories or values out of range."""
    with np.errstate(invalid="ignore", divide="ignore"):
        missing = 1 - windows.present / windows.rows
        missing_before = 1 - reference.present / reference.rows
        return {
            "psi": psi(windows.counts, reference.counts),
            "js": jensen_shannon(windows.counts, reference.counts),
            "missing_change": np.abs(missing - missing_before),
            "strangers": windows.strangers / windows.present,
        }


def all_measures(bins: Bins, windows: Tally, reference: Tally) -> Measures:
    """The same, and for numbers the normalised Wasserstein distance."""
    values = measured(windows, reference)
    return values | {"wasserstein": normalised_wasserstein(bins, windows, reference)} if has_scale(bins) else values


def normalised_wasserstein(bins: Bins, windows: Tally, reference: Tally) -> np.ndarray:
    """First Wasserstein distance in standard deviations of the reference: [windows]; NaN for categories."""
    if not isinstance(bins, NumericBins) or not has_scale(bins):
        return np.full(len(windows.rows), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        cdf = windows.below_grid / windows.present[:, None]
        reference_cdf = reference.below_grid / reference.present[:, None]
    return wasserstein(cdf, reference_cdf, bins.grid, bins.scale)


def has_scale(bins: Bins) -> bool:
    """Whether the column's values are numbers that vary."""
    return isinstance(bins, NumericBins) and bool(np.isfinite(bins.scale)) and bins.scale > 0


def floors(bins: Bins, config: MonitorConfig) -> dict[str, float]:
    """The declared effect sizes below which a measure is of no interest."""
    if isinstance(bins, NumericBins):
        found = {"psi": config.psi, "js": config.js, "strangers": config.out_of_range_share}
    else:
        found = {"psi": config.category_psi, "js": config.category_js, "strangers": config.unseen_share}
    found["missing_change"] = config.missing_change
    return found | {"wasserstein": config.wasserstein} if has_scale(bins) else found


def noise(bins: Bins, windows: Tally, reference: Tally, chance: float) -> Measures:
    """What each measure of a window of so many rows passes with no more than this chance where nothing has changed."""
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(1 / windows.present + 1 / reference.present)
        missing = 1 - (windows.present + reference.present) / (windows.rows + reference.rows)
        missing_spread = np.sqrt(missing * (1 - missing) * (1 / windows.rows + 1 / reference.rows))
        # The next value lies beyond the extremes of m values with chance 2 / (m + 1).
        expected = 2 * windows.present / (reference.present + 1)
        distance = psi_noise(windows.present, reference.present, bins.size, chance)
        beyond = norm.isf(chance / 2)
        return {
            "psi": distance,
            # To second order the divergence, in bits, is an eighth of PSI, in nats.
            "js": np.sqrt(distance / (8 * np.log(2))),
            # In its tail the distance is the difference of the means, and a little more in a skewed column.
            "wasserstein": 1.2 * beyond * spread,
            "missing_change": beyond * missing_spread,
            "strangers": poisson.isf(chance, expected) / windows.present,
        }
