"""The data quality report of a table, and the rule that drops its redundant columns."""

from typing import Any

import polars as pl

from stillroom.table.correlation import Pair, correlated_pairs
from stillroom.table.errors import InputError
from stillroom.table.kinds import KINDS
from stillroom.table.spec import TableSpec
from stillroom.table.split import SPLIT

CORRELATION_ROWS = 100_000


def check_table(table: pl.LazyFrame, spec: TableSpec) -> None:
    """Check that the table holds what the spec declares. Raises InputError with one sentence."""
    schema = table.collect_schema()
    wanted = [*spec.columns, spec.target, *(c for c in (spec.time, spec.row_id, spec.group) if c)]
    absent = [c for c in wanted if c not in schema]
    if absent:
        raise InputError(
            f"table {spec.name}: the spec declares {', '.join(absent)}, which {spec.source} does not hold; "
            f"its columns are {', '.join(schema.names())}"
        )
    kinds = {c: spec.kind_of(c) for c in spec.columns} | ({spec.target: "numeric"} if spec.task == "regression" else {})
    problems = {c: KINDS[kind].problem(schema[c]) for c, kind in kinds.items()}
    wrong = [f"{c} is declared {kinds[c]}, but {problem}" for c, problem in problems.items() if problem]
    if wrong:
        raise InputError(f"table {spec.name}: {'; '.join(wrong)}")
    if spec.time and schema[spec.time] not in (pl.Date, pl.Datetime):
        raise InputError(
            f"table {spec.name}: the time column {spec.time} is {schema[spec.time]}, not a date or datetime"
        )


def quality_report(table: pl.LazyFrame, spec: TableSpec) -> dict[str, Any]:
    """Describe every declared column on the training split, and name what is redundant and why.

    Returns rows per part, one entry a column (type, missing share, distinct values, numeric summary), the
    highly correlated pairs, ``dropped`` (column -> reason, by ``spec.redundancy``), ``kept``, and
    ``fingerprint``, a hash of all rows that names this version of the data. Raises InputError where a part that
    training needs has no rows, or every column is redundant.
    """
    parts = dict(sorted(table.group_by(SPLIT).agg(pl.len()).collect().iter_rows()))
    empty = [name for name in ("train", "validation", "test") if not parts.get(name)]
    if empty:
        found = ", ".join(f"{name} {rows}" for name, rows in parts.items()) or "none at all"
        raise InputError(f"table {spec.name}: the split leaves no rows for {', '.join(empty)} (rows: {found})")
    train = table.filter(pl.col(SPLIT) == "train")
    columns = _describe(train, spec)
    sample = train.select(spec.numeric).gather_every(-(-parts["train"] // CORRELATION_ROWS)) if spec.numeric else train
    pairs = correlated_pairs(sample, spec.numeric)
    dropped = _redundant(columns, pairs, spec)
    if len(dropped) == len(spec.columns):
        raise InputError(f"table {spec.name}: every column is redundant: {'; '.join(map(': '.join, dropped.items()))}")
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
        measures = KINDS[spec.kind_of(name)].measures(name)
        queries += [query.alias(f"{name}\0{measure}") for measure, query in measures.items()]
    found = train.select(queries).collect().row(0, named=True)
    described: dict[str, dict[str, Any]] = {}
    for name in spec.columns:
        entry = {key.split("\0")[1]: found[key] for key in found if key.startswith(f"{name}\0")}
        entry["missing"] = entry["missing"] / found["rows"]
        described[name] = {"kind": spec.kind_of(name), **entry}
    return described


def _redundant(columns: dict[str, dict[str, Any]], pairs: list[Pair], spec: TableSpec) -> dict[str, str]:
    """Column -> why the declared rule drops it; of two alike the one that says less goes, else the later one."""
    rule, dropped = spec.redundancy, {}
    for name, column in columns.items():
        if column["missing"] > rule.max_missing:
            dropped[name] = f"missing in {column['missing']:.1%} of training rows (max_missing {rule.max_missing})"
        elif rule.constant and column["distinct"] + (column["missing"] > 0) < 2:
            dropped[name] = "constant in the training split"
        elif rule.duplicate:
            first = next(c for c in columns if columns[c]["hash"] == column["hash"])
            if first != name and columns[first]["kind"] == column["kind"]:
                dropped[name] = f"duplicate of {first}"
    for pair in pairs:
        first, second = pair["columns"]
        if columns[first]["missing"] > columns[second]["missing"]:
            first, second = second, first
        if abs(pair["correlation"]) >= rule.max_correlation and first not in dropped and second not in dropped:
            dropped[second] = (
                f"correlation {pair['correlation']:.3f} with {first} (max_correlation {rule.max_correlation})"
            )
    return dropped
