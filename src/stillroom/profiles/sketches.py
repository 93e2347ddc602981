"""Update the metrics that whylogs keeps of a column with a whole column at once."""

from typing import Any, TypeAlias

import numpy as np
from whylogs.core.metrics.maths import VarianceM2Result, parallel_variance_m2

from stillroom.profiles.columns import Column, Counts

Metrics: TypeAlias = dict[str, Any]

# Integers spread over no more than this are counted in one pass and enter the sketches once a distinct value.
_COUNTABLE_SPREAD = 65_536


def update(metrics: Metrics, column: Column) -> None:
    """Add a checked column (``columns.checked``) to the metrics of its whylogs column profile."""
    if len(column) == 0:
        return
    if isinstance(column, Counts):
        _update_strings(metrics, column)
    elif column.dtype.kind == "f":
        _update_floats(metrics, column)
    elif column.dtype.kind == "i":
        _update_integers(metrics, column)
    else:
        _update_booleans(metrics, column)


def _update_floats(metrics: Metrics, column: np.ndarray) -> None:
    is_nan = np.isnan(column)
    nan = int(is_nan.sum())
    values = column[~is_nan] if nan else column
    # whylogs counts the NaN of a float column both as NaN and as null, and an infinity as a value.
    _count(metrics, n=len(column), null=nan, nan=nan, inf=int(np.isinf(values).sum()))
    _add(metrics["types"].fractional, len(values))
    _update_distribution(metrics, values)
    if "cardinality" in metrics:
        metrics["cardinality"].hll.value.update_np(values)
    if "frequent_items" in metrics:
        metrics["frequent_items"].frequent_strings.value.update_np(values)


def _update_integers(metrics: Metrics, column: np.ndarray) -> None:
    smallest, largest = int(column.min()), int(column.max())
    _count(metrics, n=len(column))
    _add(metrics["types"].integral, len(column))
    _update_distribution(metrics, column.astype(np.float64))
    if "ints" in metrics:
        metrics["ints"].min.set(min(metrics["ints"].min.value, smallest))
        metrics["ints"].max.set(max(metrics["ints"].max.value, largest))
    if largest - smallest >= _COUNTABLE_SPREAD:
        _update_items_one_by_one(metrics, column)
        return
    counts = np.bincount(column - smallest)
    distinct = np.flatnonzero(counts)
    _update_items(
        metrics, distinct + smallest, [str(v + smallest) for v in distinct.tolist()], counts[distinct].tolist()
    )


def _update_booleans(metrics: Metrics, column: np.ndarray) -> None:
    true = int(column.sum())
    false = len(column) - true
    _count(metrics, n=len(column), true=true)
    _add(metrics["types"].boolean, len(column))
    _update_distribution(metrics, column.astype(np.float64))
    present = [(1, "True", true), (0, "False", false)]
    numbers, names, counts = zip(*[row for row in present if row[2]], strict=True)
    _update_items(metrics, np.array(numbers, dtype=np.int64), list(names), list(counts))


def _update_strings(metrics: Metrics, column: Counts) -> None:
    values = _encodable(column.values)
    _count(metrics, n=len(column), null=column.missing)
    _add(metrics["types"].string, len(column) - column.missing)
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
        batch = VarianceM2Result(n=len(values), mean=float(values.mean()), m2=float(values.var() * len(values)))
    after = parallel_variance_m2(first=before, second=batch)
    distribution.mean.set(after.mean)
    distribution.m2.set(after.m2)


def _update_items(metrics: Metrics, numbers: np.ndarray, names: list[str], counts: list[int]) -> None:
    """Cardinality and frequent items of numbers, given each distinct one once."""
    if "cardinality" in metrics:
        metrics["cardinality"].hll.value.update_np(numbers)
    if "frequent_items" in metrics:
        _update_frequent(metrics, names, counts)


def _update_items_one_by_one(metrics: Metrics, numbers: np.ndarray) -> None:
    if "cardinality" in metrics:
        metrics["cardinality"].hll.value.update_np(numbers)
    if "frequent_items" in metrics:
        metrics["frequent_items"].frequent_strings.value.update_np(numbers)


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


def _count(metrics: Metrics, *, n: int, null: int = 0, nan: int = 0, inf: int = 0, true: int = 0) -> None:
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
    component.set(component.value + amount)
