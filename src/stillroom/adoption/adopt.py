"""Adopt a table: read it, propose, and write its rows and its declaration."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl
import yaml

from stillroom.adoption.declaration import catalog_text, table_text
from stillroom.adoption.files import write_together
from stillroom.adoption.proposal import Proposal, Wishes, propose
from stillroom.adoption.readings import typed, unread
from stillroom.adoption.source import Source
from stillroom.table.errors import InputError
from stillroom.table.spec import TableSpec

MARK = "Adopted: "


@dataclass(frozen=True)
class Places:
    """Where in a project the files of a table lie."""

    project: Path
    name: str

    @property
    def table(self) -> Path:
        """Its declaration."""
        return self.project / "conf/base/table" / f"{self.name}.yaml"

    @property
    def catalog(self) -> Path:
        """Its catalog entry."""
        return self.project / "conf/base" / f"catalog_{self.name}.yml"

    @property
    def rows(self) -> Path:
        """Its rows."""
        return self.project / "data/01_raw" / self.name / f"{self.name}.parquet"

    def check_free(self, force: bool) -> None:
        """Raises InputError where there is such a table: not to be replaced, or not by `kedro adopt`'s."""
        for path in (self.table, self.catalog):
            if not path.exists():
                continue
            shown = path.relative_to(self.project)
            if MARK not in path.read_text().partition("\n\n")[0][:400]:
                raise InputError(f"{shown} is there already, and not written by kedro adopt: choose another --name")
            if not force:
                raise InputError(f"{shown} is there already: choose another --name, or replace it with --force")


def adopt(source: Source, wishes: Wishes, places: Places, missing: tuple[str, ...]) -> Proposal:
    """Propose a table and write its files, all or none. Raises InputError with one sentence."""
    with tempfile.TemporaryDirectory() as folder:
        rows, notes = _kept(source.frame, Path(folder), missing, wishes)
        proposal = propose(rows, wishes)
        write(proposal, source.told, notes, places)
    return proposal


def _kept(
    frame: pl.LazyFrame, folder: Path, missing: tuple[str, ...], wishes: Wishes
) -> tuple[pl.LazyFrame, dict[str, str]]:
    """The rows as a Parquet file in the folder, their text read as what it holds."""
    if wishes.prepare:
        return frame.collect().lazy(), {}
    file = folder / "rows.parquet"
    try:
        rows, notes = typed(frame, missing)
        rows.sink_parquet(file)
    except pl.exceptions.PolarsError as error:
        raise InputError(f"the rows cannot be read: {str(error).splitlines()[0]}") from error
    rows = pl.scan_parquet(file)
    texts = [c for c, dtype in rows.collect_schema().items() if dtype == pl.String]
    kept = {c: unread(values) for c, values in rows.select(texts).head(5000).collect().to_dict().items()}
    return rows, notes | {
        c: f"text because of values such as {value!r} (--missing)" for c, value in kept.items() if value
    }


def write(proposal: Proposal, told: str, notes: dict[str, str], places: Places) -> None:
    """Write the rows, the catalog entry and the declaration, which is read back first."""
    table = table_text(proposal, told, notes)
    if TableSpec.model_validate(yaml.safe_load(table)["table"]) != proposal.spec:
        raise AssertionError(f"the declaration does not read back as it was meant:\n{table}")
    catalog = catalog_text(proposal, places.rows.relative_to(places.project).as_posix())
    files: dict[Path, Callable[[Path], object]] = {}
    if not proposal.wishes.prepare:
        files[places.rows] = proposal.rows.sink_parquet
    if not proposal.wishes.catalogued:
        files[places.catalog] = partial(Path.write_text, data=catalog, encoding="utf-8")
    files[places.table] = partial(Path.write_text, data=table, encoding="utf-8")
    write_together(files)
