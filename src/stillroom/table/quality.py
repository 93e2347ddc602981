"""The data quality report of a table, and the rule that drops its redundant columns."""

from typing import Any

import polars as pl

from stillroom.table.correlation import Pair, correlated_pairs
from stillroom.table.errors import InputError
from stillroom.table.frames import read_column, schema_of
from stillroom.table.kinds import KINDS
from stillroom.table.spec import Kind, TableSpec
from stillroom.table.split import SPLIT

CORRELATION_ROWS = 100_000
_HASHED_TOGETHER = 1_000_000  # rows, so that what a hash takes beside them stays small


def check_table(table: Any, spec: TableSpec) -> None:
    """Check that the table holds what the spec declares. Raises InputError with one sentence."""
    schema = schema_of(table)
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


def quality_report(table: Any, spec: TableSpec) -> dict[str, Any]:
    """Describe every declared column on the training split, and name what is redundant and why.

    The table, of either engine, is read column by column, each alone. Returns rows per part, one entry a column (type,
    missing share, distinct values, numeric summary), the highly correlated pairs, ``dropped`` (column -> reason, by
    ``spec.redundancy``), ``kept``, and ``fingerprint``, a hash of all rows that names this version of the data. Raises
    InputError where a part that training needs has no rows, or every column is redundant.
    """
    rows, train = _parts(read_column(table, SPLIT), spec)
    step = -(-rows["train"] // CORRELATION_ROWS)
    fingerprint, columns, sample = Fingerprint(), {}, {}
    for name in schema_of(table).names():
        values = read_column(table, name)
        fingerprint.add(values)
        if name in spec.columns:
            trained = values.filter(train)
            columns[name] = _described(trained, spec.kind_of(name))
        if name in spec.numeric:
            sample[name] = trained.gather_every(step)
    columns = {name: columns[name] for name in spec.columns}
    pairs = correlated_pairs(pl.LazyFrame(sample), spec.numeric)
    dropped = _redundant(columns, pairs, spec)
    if len(dropped) == len(spec.columns):
        raise InputError(f"table {spec.name}: every column is redundant: {'; '.join(map(': '.join, dropped.items()))}")
    return {
        "table": spec.name,
        "rows": rows,
        "columns": columns,
        "correlated": pairs,
        "dropped": dropped,
        "kept": [c for c in spec.columns if c not in dropped],
        "fingerprint": fingerprint.text,
    }


class Fingerprint:
    """A 16-digit hash of a table's rows, whatever their order, made column by column; a row's hash is 8 bytes."""

    def __init__(self) -> None:
        self._rows: pl.Series | None = None

    def add(self, values: pl.Series) -> None:
        """Take the next column in; the columns must come in one order, of themselves and of the rows."""
        slices = [self._hashed(values, first) for first in range(0, len(values), _HASHED_TOGETHER)]
        self._rows = pl.concat(slices) if slices else None

    def _hashed(self, values: pl.Series, first: int) -> pl.Series:
        value = values.slice(first, _HASHED_TOGETHER)
        if self._rows is None:
            return value.hash(seed=0)
        before = self._rows.slice(first, _HASHED_TOGETHER)
        return pl.select(pl.struct(before=before, value=value)).to_series().hash(seed=0)

    @property
    def text(self) -> str:
        """16 hexadecimal digits."""
        return f"{0 if self._rows is None else self._rows.sum():016x}"


def _parts(parts: pl.Series, spec: TableSpec) -> tuple[dict[str, int], pl.Series]:
    """How many rows each part has, and which are trained on."""
    rows = dict(sorted(parts.value_counts(name="rows").iter_rows()))
    empty = [name for name in ("train", "validation", "test") if not rows.get(name)]
    if empty:
        found = ", ".join(f"{name} {number}" for name, number in rows.items()) or "none at all"
        raise InputError(f"table {spec.name}: the split leaves no rows for {', '.join(empty)} (rows: {found})")
    return rows, parts == "train"


def _described(values: pl.Series, kind: Kind) -> dict[str, Any]:
    measures = KINDS[kind].measures(values.name)
    entry = values.to_frame().select(**measures).row(0, named=True)
    return {"kind": kind, **entry, "missing": entry["missing"] / len(values)}


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
