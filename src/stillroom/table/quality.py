"""The data quality report of a table, and the rule that drops its redundant columns."""

from typing import Any

import numpy as np
import polars as pl

from stillroom.table.spec import TableSpec
from stillroom.table.split import SPLIT

CORRELATION_ROWS = 100_000


def check_table(table: pl.LazyFrame, spec: TableSpec) -> None:
    """Check that the table holds what the spec declares. Raises ValueError with one sentence."""
    schema = table.collect_schema()
    wanted = [*spec.columns, spec.target, *(c for c in (spec.time, spec.row_id) if c)]
    absent = [c for c in wanted if c not in schema]
    if absent:
        raise ValueError(
            f"table {spec.name}: the spec declares {', '.join(absent)}, which {spec.source} does not hold; "
            f"its columns are {', '.join(schema.names())}"
        )
    wrong = [c for c in spec.numeric if not (schema[c].is_numeric() or schema[c] == pl.Boolean)]
    if wrong:
        found = ", ".join(f"{c} ({schema[c]})" for c in wrong)
        raise ValueError(f"table {spec.name}: declared numeric but not numbers: {found}; declare them categorical")
    if spec.time and not schema[spec.time].is_temporal():
        raise ValueError(f"table {spec.name}: the time column {spec.time} is {schema[spec.time]}, not a date or datetime")


def quality_report(table: pl.LazyFrame, spec: TableSpec) -> dict[str, Any]:
    """Describe every declared column on the training split, and name what is redundant and why.

    Returns rows per part, one entry a column (type, missing share, distinct values, numeric summary), the
    highly correlated pairs, ``dropped`` (column -> reason, by ``spec.redundancy``), ``kept``, and
    ``fingerprint``, a hash of all rows that names this version of the data.
    """
    parts = dict(sorted(table.group_by(SPLIT).agg(pl.len()).collect().iter_rows()))
    train = table.filter(pl.col(SPLIT) == "train")
    columns = _describe(train, spec)
    pairs = _correlated_pairs(train, spec)
    dropped = _redundant(columns, pairs, spec)
    return {
        "table": spec.name,
        "rows": parts,
        "columns": columns,
        "correlated": pairs,
        "dropped": dropped,
        "kept": [c for c in spec.columns if c not in dropped],
        "fingerprint": fingerprint(table),
    }


def fingerprint(table: pl.LazyFrame) -> str:
    """A 16-digit hash of a table's rows, whatever their order."""
    return f"{table.select(pl.struct(pl.all()).hash(seed=0).sum()).collect().item() or 0:016x}"


def _describe(train: pl.LazyFrame, spec: TableSpec) -> dict[str, dict[str, Any]]:
    queries = [pl.len().alias("rows")]
    for name in spec.columns:
        value = pl.col(name).cast(pl.Float64).fill_nan(None) if name in spec.numeric else pl.col(name).cast(pl.String)
        measures = {"missing": value.null_count(), "distinct": value.drop_nulls().n_unique(), "hash": value.hash(0).sum()}
        if name in spec.numeric:
            measures |= {"mean": value.mean(), "std": value.std(), "min": value.min(), "max": value.max()}
        queries += [query.alias(f"{name}\0{measure}") for measure, query in measures.items()]
    found = train.select(queries).collect().row(0, named=True)
    rows = max(found["rows"], 1)
    described: dict[str, dict[str, Any]] = {}
    for name in spec.columns:
        entry = {key.split("\0")[1]: found[key] for key in found if key.startswith(f"{name}\0")}
        entry["missing"] = entry["missing"] / rows
        described[name] = {"kind": "numeric" if name in spec.numeric else "categorical", **entry}
    return described


def _correlated_pairs(train: pl.LazyFrame, spec: TableSpec) -> list[dict[str, Any]]:
    """Pairs of numeric columns whose Pearson correlation reaches 0.9 in size, strongest first."""
    if len(spec.numeric) < 2:
        return []
    rows = train.select(pl.col(spec.numeric).cast(pl.Float64)).head(CORRELATION_ROWS).collect()
    values = rows.fill_nan(None).select(pl.all().fill_null(strategy="zero") - pl.all().mean().fill_null(0)).to_numpy()
    present = (~np.isnan(rows.fill_null(float("nan")).to_numpy())).astype(float)
    values = values * present
    norm = np.sqrt((values**2).T @ present * ((values**2).T @ present).T)
    correlation = np.divide(values.T @ values, norm, out=np.zeros_like(norm), where=norm > 0)
    pairs = [
        {"columns": [spec.numeric[i], spec.numeric[j]], "correlation": float(correlation[i, j])}
        for i, j in zip(*np.triu_indices(len(spec.numeric), 1), strict=True)
        if abs(correlation[i, j]) >= 0.9
    ]
    return sorted(pairs, key=lambda pair: -abs(pair["correlation"]))


def _redundant(columns: dict[str, dict[str, Any]], pairs: list[dict[str, Any]], spec: TableSpec) -> dict[str, str]:
    """Column -> why the declared rule drops it; of two alike the one declared later goes."""
    rule, dropped = spec.redundancy, {}
    for name, column in columns.items():
        if column["missing"] > rule.max_missing:
            dropped[name] = f"missing in {column['missing']:.1%} of training rows (max_missing {rule.max_missing})"
        elif rule.constant and column["distinct"] < 2 and column["missing"] == 0:
            dropped[name] = "constant in the training split"
        elif rule.duplicate:
            first = next((c for c in columns if columns[c]["hash"] == column["hash"]), name)
            if first != name and columns[first]["kind"] == column["kind"]:
                dropped[name] = f"duplicate of {first}"
    for pair in pairs:
        first, second = pair["columns"]
        if abs(pair["correlation"]) >= rule.max_correlation and first not in dropped and second not in dropped:
            dropped[second] = f"correlation {pair['correlation']:.3f} with {first} (max_correlation {rule.max_correlation})"
    return dropped
