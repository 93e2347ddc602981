"""How much the model's predictions rest on each column: permutation importance, to weigh a column's drift by."""

from collections.abc import Callable, Mapping

import numpy as np

Columns = Mapping[str, np.ndarray]


def permutation_importance(
    score: Callable[[Columns], float], columns: Columns, *, repeats: int, seed: int
) -> dict[str, float]:
    """What of ``score`` (higher is better) is lost when one column's values are dealt to other rows, at least 0.

    ``columns`` are the model's inputs, [rows] each. The mean over so many ``repeats`` (Breiman 2001).
    """
    rng = np.random.default_rng(seed)
    whole = score(columns)
    found = {}
    for name, values in columns.items():
        dealt = (score({**columns, name: rng.permutation(values)}) for _ in range(repeats))
        found[name] = max(float(np.mean([whole - each for each in dealt])), 0.0)
    return found


def weighed(ratios: Mapping[str, float], importance: Mapping[str, float]) -> dict[str, float]:
    """Drift as multiples of its threshold times the column's share of all importance, the most telling first."""
    total = sum(importance.values())
    weights = {name: ratios[name] * importance.get(name, 0.0) / total if total else 0.0 for name in ratios}
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))
