"""Update the metrics that whylogs keeps of a column with a whole column at once.

Numbers are sorted first: numpy sorts with vector instructions, and the quantile sketch takes sorted values in a fifth
of the time, while its error does not depend on their order. What is counted by then enters the other sketches once a
distinct value.
"""

from typing import Any, TypeAlias

import numpy as np
from whylogs.core.metrics.maths import VarianceM2Result, parallel_variance_m2

from stillroom.profiles.columns import Counts, Values

Metrics: TypeAlias = dict[str, Any]

# Integers spread over no more than this are counted without sorting them.
_COUNTABLE_SPREAD = 65_536
# The sketch of frequent items takes so many values as an array in the time of one with its count.
_ONE_COUNTED = 1.3


def update(metrics: Metrics, column: Values | Counts) -> None:
    """Add a checked column (``columns.checked``) to the metrics of its whylogs column profile."""
    if isinstance(column, Counts):
        _update_strings(metrics, column)
        return
    _count(metrics, n=len(column), null=column.missing)
    if len(column.array) == 0:
        return
    match column.array.dtype.kind:
        case "f":
            _update_floats(metrics, column.array)
        case "i":
            _update_integers(metrics, column.array)
        case "b":
            _update_booleans(metrics, column.array)
        case _:
            _add(metrics["types"].object, len(column.array))


def _update_floats(metrics: Metrics, column: np.ndarray) -> None:
    ordered = np.sort(column).astype(np.float64, copy=False)
    values = ordered[: np.searchsorted(ordered, np.nan)]
    inside = np.searchsorted(values, np.inf) - np.searchsorted(values, -np.inf, side="right")
    nan = len(ordered) - len(values)
    # whylogs counts the NaN of a float column both as NaN and as null, and an infinity as a value.
    _count(metrics, null=nan, nan=nan, inf=int(len(values) - inside))
    _add(metrics["types"].fractional, len(values))
    _update_distribution(metrics, values)
    if "cardinality" in metrics and len(values):
        metrics["cardinality"].hll.value.update_np(values[np.append(True, values[1:] != values[:-1])])
    if "frequent_items" in metrics:
        metrics["frequent_items"].frequent_strings.value.update_np(values)


def _update_integers(metrics: Metrics, column: np.ndarray) -> None:
    distinct, counts = _counted(column)
    _add(metrics["types"].integral, len(column))
    _update_distribution(metrics, np.repeat(distinct.astype(np.float64), counts))
    if "ints" in metrics:
        metrics["ints"].min.set(min(metrics["ints"].min.value, int(distinct[0])))
        metrics["ints"].max.set(max(metrics["ints"].max.value, int(distinct[-1])))
    if "cardinality" in metrics:
        metrics["cardinality"].hll.value.update_np(distinct)
    if "frequent_items" not in metrics:
        return
    if len(distinct) * _ONE_COUNTED < len(column):
        _update_frequent(metrics, [str(value) for value in distinct.tolist()], counts.tolist())
    else:
        metrics["frequent_items"].frequent_strings.value.update_np(column)


def _counted(column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct integers of a column in rising order, and how often each occurs."""
    smallest = int(column.min())
    if int(column.max()) - smallest >= _COUNTABLE_SPREAD:
        return np.unique_counts(column)
    counts = np.bincount(column - smallest)
    distinct = np.flatnonzero(counts)
    return distinct + smallest, counts[distinct]


def _update_booleans(metrics: Metrics, column: np.ndarray) -> None:
    true = int(column.sum())
    false = len(column) - true
    _count(metrics, true=true)
    _add(metrics["types"].boolean, len(column))
    _update_distribution(metrics, np.repeat([0.0, 1.0], [false, true]))
    present = [(1, "True", true), (0, "False", false)]
    numbers, names, counts = zip(*[row for row in present if row[2]], strict=True)
    if "cardinality" in metrics:
        metrics["cardinality"].hll.value.update_np(np.array(numbers, dtype=np.int64))
    if "frequent_items" in metrics:
        _update_frequent(metrics, list(names), list(counts))


def _update_strings(metrics: Metrics, column: Counts) -> None:
    values = _encodable(column.values)
    rows = len(column)
    _count(metrics, n=rows, null=column.missing)
    _add(metrics["types"].string, rows - column.missing)
    if "cardinality" in metrics:
        metrics["cardinality"].hll.value.update_str_list(values)
    if "frequent_items" in metrics:
        longest = metrics["frequent_items"].max_frequent_item_size
        _update_frequent(metrics, [value[:longest] for value in values], column.counts)


def _update_distribution(metrics: Metrics, values: np.ndarray) -> None:
    """Quantiles, mean and sum of squares; as in whylogs, an infinity among the values makes the last two NaN."""
    if "distribution" not in metrics or len(values) == 0:
        return
    distribution = metrics["distribution"]
    before = VarianceM2Result(n=distribution.kll.value.get_n(), mean=distribution.mean.value, m2=distribution.m2.value)
    distribution.kll.value.update(array=values)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = values.mean()
        apart = values - mean
        batch = VarianceM2Result(n=len(values), mean=float(mean), m2=float(apart @ apart))
    after = parallel_variance_m2(first=before, second=batch)
    distribution.mean.set(after.mean)
    distribution.m2.set(after.m2)


def _update_frequent(metrics: Metrics, names: list[str], counts: list[int]) -> None:
    sketch = metrics["frequent_items"].frequent_strings.value
    for name, count in zip(names, counts, strict=True):
        sketch.update(name, count)


def _encodable(values: list[str]) -> list[str]:
    """The strings as the sketches can take them: a lone surrogate, which is no text, becomes a question mark."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return [value.encode("utf-8", "replace").decode("utf-8") for value in values]
    return values


def _count(metrics: Metrics, *, n: int = 0, null: int = 0, nan: int = 0, inf: int = 0, true: int = 0) -> None:
    counts = metrics["counts"]
    for component, amount in (
        (counts.n, n),
        (counts.null, null),
        (counts.nan, nan),
        (counts.inf, inf),
        (counts.true, true),
    ):
        _add(component, amount)


def _add(component: Any, amount: int) -> None:
    if amount:
        component.set(component.value + amount)
