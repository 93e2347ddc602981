"""What a table must be before anything is built on it, declared in the catalog under `validator:`."""

import polars as pl

TYPES: dict[str, tuple[str, ...]] = {
    "integer": ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"),
    "number": ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64"),
    "text": ("String", "Categorical", "Enum"),
    "boolean": ("Boolean",),
    "datetime": ("Datetime", "Date"),
}


class TableChecks:
    """Catalog validator: schema, key uniqueness, value ranges and missing-value shares of a table.

    Options (`validator: {class: stillroom.table.checks.TableChecks, options: {...}}`):
        columns: name -> `integer`, `number`, `text`, `boolean` or `datetime`; further columns are welcome.
        key: the columns that together name a row, none of them missing.
        ranges: name -> [lowest, highest], inclusive.
        max_missing: name -> the largest share of missing values.
        min_rows: the fewest rows.

    `validate` returns the frame unchanged, or raises ValueError with one sentence per finding.
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
        unknown = {t for t in columns.values() if t not in TYPES}
        if unknown:
            raise ValueError(f"columns: no such type {sorted(unknown)}; the choices are {', '.join(TYPES)}")
        undeclared = {*self.key, *self.ranges, *self.max_missing} - set(columns)
        if undeclared:
            raise ValueError(f"key, ranges and max_missing name columns not declared: {sorted(undeclared)}")

    def validate(self, data: pl.LazyFrame | pl.DataFrame) -> pl.LazyFrame | pl.DataFrame:
        """Return the frame, or raise ValueError naming each column and what was found in it."""
        findings = self._schema_findings(data.lazy()) or self._value_findings(data.lazy())
        if findings:
            raise ValueError("; ".join(findings))
        return data

    def _schema_findings(self, frame: pl.LazyFrame) -> list[str]:
        schema = frame.collect_schema()
        findings = []
        for name, kind in self.columns.items():
            if name not in schema:
                findings.append(f"column {name} is missing")
            elif str(schema[name].base_type()) not in TYPES[kind]:
                findings.append(f"column {name} is {schema[name]}, expected {kind}")
        return findings

    def _value_findings(self, frame: pl.LazyFrame) -> list[str]:
        queries = [pl.len().alias("rows")]
        if self.key:
            queries.append(pl.struct(self.key).n_unique().alias("keys"))
        queries += [pl.col(c).null_count().alias(f"missing:{c}") for c in {*self.key, *self.max_missing}]
        for name in self.ranges:
            queries += [pl.col(name).min().alias(f"low:{name}"), pl.col(name).max().alias(f"high:{name}")]
        found = frame.select(queries).collect().row(0, named=True)
        rows = found["rows"]
        if rows < self.min_rows:
            return [f"the table has {rows} rows, expected at least {self.min_rows}"]
        findings = []
        if self.key and found["keys"] < rows:
            findings.append(f"the key {' + '.join(self.key)} is not unique: {rows - found['keys']} duplicate rows")
        findings += [f"key column {c} is missing in {found[f'missing:{c}']} rows" for c in self.key if found[f"missing:{c}"]]
        for name, share in self.max_missing.items():
            if found[f"missing:{name}"] > share * rows:
                findings.append(f"column {name} is missing in {found[f'missing:{name}'] / rows:.1%} of rows, allowed {share:.1%}")
        for name, (low, high) in self.ranges.items():
            least, most = found[f"low:{name}"], found[f"high:{name}"]
            if least is not None and (least < low or most > high):
                findings.append(f"column {name} ranges from {least} to {most}, allowed {low} to {high}")
        return findings
