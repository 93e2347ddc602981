"""What a table must be before anything is built on it, declared in the catalog under `validator:`."""

from collections.abc import Callable
from typing import Any, TypeVar

import narwhals as nw
import polars as pl

from stillroom.table.errors import InputError
from stillroom.table.frames import schema_of

Frame = TypeVar("Frame")

TYPES: dict[str, Callable[[pl.DataType], bool]] = {
    "integer": lambda dtype: dtype.is_integer(),
    "number": lambda dtype: dtype.is_numeric(),
    "text": lambda dtype: dtype in (pl.String, pl.Categorical, pl.Enum),
    "boolean": lambda dtype: dtype == pl.Boolean,
    "datetime": lambda dtype: dtype in (pl.Datetime, pl.Date),
}


class TableChecks:
    """Catalog validator: schema, key uniqueness, value ranges and missing-value shares of a table.

    Options (`validator: {class: stillroom.table.checks.TableChecks, options: {...}}`):
        columns: name -> `integer`, `number`, `text`, `boolean` or `datetime`; further columns are welcome.
        key: the columns that together name a row, none of them missing.
        ranges: name -> [lowest, highest] of an integer or number column, inclusive.
        max_missing: name -> the largest share of missing values (null or NaN).
        min_rows: the fewest rows.

    `validate` returns the frame unchanged, or raises InputError with one sentence of all findings.
    """

    def __init__(
        self,
        columns: dict[str, str],
        key: list[str] | None = None,
        ranges: dict[str, list[float]] | None = None,
        max_missing: dict[str, float] | None = None,
        min_rows: int = 1,
    ):
        self.columns, self.key, self.min_rows = columns, key or [], min_rows
        self.ranges, self.max_missing = ranges or {}, max_missing or {}
        unknown = sorted(set(columns.values()) - set(TYPES))
        if unknown:
            raise InputError(f"columns: no such type {', '.join(unknown)}; the choices are {', '.join(TYPES)}")
        undeclared = sorted({*self.key, *self.ranges, *self.max_missing} - set(columns))
        if undeclared:
            raise InputError(f"key, ranges and max_missing name columns not declared: {', '.join(undeclared)}")
        for name, limits in self.ranges.items():
            if columns[name] not in ("integer", "number") or len(limits) != 2:
                raise InputError(f"ranges: {name} needs [lowest, highest] and a type of integer or number")

    def validate(self, data: Frame) -> Frame:
        """Return the frame, of either engine, or raise InputError naming each column and what was found in it."""
        schema = schema_of(data)
        findings = self._schema_findings(schema) or self._value_findings(self._measure(data, schema))
        if findings:
            raise InputError("; ".join(findings))
        return data

    def _schema_findings(self, schema: pl.Schema) -> list[str]:
        findings = []
        for name, kind in self.columns.items():
            if name not in schema:
                findings.append(f"column {name} is missing")
            elif not TYPES[kind](schema[name]):
                findings.append(f"column {name} is {schema[name]}, expected {kind}")
        return findings

    def _measure(self, data: Any, schema: pl.Schema) -> dict[str, Any]:
        """Rows, distinct keys, missing values and extremes: one pass for the keys, one for all else."""
        frame = nw.from_native(data).lazy()

        def present(name: str) -> nw.Expr:
            value = nw.col(name)
            return nw.when(~value.is_nan()).then(value) if schema[name].is_float() else value

        queries = [nw.len().alias("rows")]
        queries += [present(c).null_count().alias(f"missing:{c}") for c in {*self.key, *self.max_missing}]
        for name in self.ranges:
            queries += [present(name).min().alias(f"low:{name}"), present(name).max().alias(f"high:{name}")]
        found = _row(frame.select(*queries))
        return found | ({"keys": self._distinct_keys(data, found["rows"])} if self.key else {})

    def _distinct_keys(self, data: Any, rows: int) -> int:
        """How many keys there are: by their hashes, 8 bytes a row, and by themselves only where two hashes agree."""
        if isinstance(data, pl.LazyFrame | pl.DataFrame):
            hashes = data.lazy().select(pl.struct(self.key).hash(seed=0).n_unique())
            if hashes.collect(engine="streaming").item() == rows:
                return rows
        keys = nw.from_native(data).lazy().select(*self.key).unique()
        return int(_row(keys.select(keys=nw.len()))["keys"])

    def _value_findings(self, found: dict[str, Any]) -> list[str]:
        rows = found["rows"]
        if rows < self.min_rows:
            return [f"the table has {rows} rows, expected at least {self.min_rows}"]
        findings = []
        if self.key and found["keys"] < rows:
            findings.append(f"the key {' + '.join(self.key)} is not unique: {rows - found['keys']} duplicate rows")
        for name in self.key:
            if found[f"missing:{name}"]:
                findings.append(f"key column {name} is missing in {found[f'missing:{name}']} rows")
        for name, allowed in self.max_missing.items():
            share = found[f"missing:{name}"] / max(rows, 1)
            if share > allowed:
                findings.append(f"column {name} is missing in {share:.1%} of rows, allowed {allowed:.1%}")
        for name, (low, high) in self.ranges.items():
            least, most = found[f"low:{name}"], found[f"high:{name}"]
            if least is not None and (least < low or most > high):
                findings.append(f"column {name} ranges from {least} to {most}, allowed {low} to {high}")
        return findings


def _row(query: nw.LazyFrame[Any]) -> dict[str, Any]:
    """The one row that a query answers."""
    native = query.to_native()
    # In memory a query of a file would hold all of it.
    if isinstance(native, pl.LazyFrame):
        return native.collect(engine="streaming").row(0, named=True)
    return query.collect("polars").to_native().row(0, named=True)
