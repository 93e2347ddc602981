"""One table from several files: a SQL query whose FROM and JOIN name files in quotes."""

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from stillroom.adoption.readings import typed
from stillroom.adoption.source import Reading, Source, open_source
from stillroom.table.errors import InputError

FILE = re.compile(r"\b(from|join)\s+'([^']+)'", re.IGNORECASE)


def run_query(query: str, folder: Path, reading: Reading, missing: Sequence[str]) -> Source:
    """The rows that a query answers, in Polars' SQL; each file goes by an alias, or by its name without the ending.

    Raises InputError for a query without files, with two of one name, or that cannot be run.
    """
    files: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        name = Path(found[2]).name.split(".")[0]
        if files.setdefault(name, found[2]) != found[2]:
            raise InputError(f"the query reads {files[name]} and {found[2]}, both called {name}: rename one of them")
        return f'{found[1]} "{name}"'

    text = FILE.sub(named, query)
    if not files:
        raise InputError("the query names no file: write from 'orders.csv' join 'customers.parquet' using (customer)")
    tables = {name: typed(open_source(file, folder, reading).frame, missing)[0] for name, file in files.items()}
    try:
        rows = pl.SQLContext(tables).execute(text)
        rows.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise InputError(f"the query cannot be run: {str(error).splitlines()[0]}") from error
    return Source(rows, " ".join(query.split()))
