"""`kedro adopt`: bring your own table."""

import tempfile
from pathlib import Path
from typing import Any

import click
import polars as pl
from kedro.framework.session import KedroSession
from kedro.io import DatasetError
from kedro.runner import SequentialRunner

from stillroom.adoption import (
    MISSING,
    Places,
    Proposal,
    Reading,
    Source,
    Wishes,
    adopt,
    open_source,
    run_query,
    snake_case,
)
from stillroom.pipeline_registry import own_pipeline
from stillroom.table.errors import InputError

HELP = """Adopt TABLE, a CSV or Parquet file or URL: write its declaration, its catalog entry and its rows.

    kedro adopt orders.csv --target returned --time ordered_at
    kedro adopt --sql "select * from 'a.csv' join 'b.parquet' using (customer)" --target returned --name shop
    kedro adopt --prepare my_package.pipelines.shop --target returned --name shop
"""


@click.command(name="adopt", help=HELP)
@click.argument("table", required=False)
@click.option("--target", required=True, help="The column to predict.")
@click.option("--time", help="The column of dates or times to split by; without it rows are split at random.")
@click.option("--group", help="The column whose rows belong together, such as a patient.")
@click.option(
    "--task", type=click.Choice(["binary", "multiclass", "regression"]), help="What the target sets, if not seen."
)
@click.option("--name", help="The table's name; the file's, if left out.")
@click.option("--sql", help="A query over files in quotes, in place of TABLE.")
@click.option("--prepare", help="Your own package of prepare nodes, whose one output is the table, in place of TABLE.")
@click.option("--missing", multiple=True, help=f"A further text for a missing value, beside {', '.join(MISSING[1:])}.")
@click.option("--encoding", help="Of a CSV file, if not found.")
@click.option("--separator", help="Of a CSV file, if not found.")
@click.option("--force", is_flag=True, help="Replace a table that was adopted before.")
def adopt_command(
    table: str | None, sql: str | None, prepare: str | None, name: str | None, force: bool, **said: Any
) -> None:
    """Adopt a table."""
    given = {"TABLE": table, "--sql": sql, "--prepare": prepare}
    if sum(value is not None for value in given.values()) != 1:
        raise click.UsageError(f"say one of {', '.join(given)}")
    if not (name or table):
        raise click.UsageError("--name is needed: what shall the table be called?")
    called = snake_case(name or Path((table or "").split("?")[0]).name.split(".")[0])
    missing = (*MISSING, *said.pop("missing"))
    reading = Reading(said.pop("encoding"), said.pop("separator"))
    places = Places(Path.cwd(), called)
    try:
        places.check_free(force)
        with tempfile.TemporaryDirectory() as folder:
            if prepare:
                source, made = _prepared(prepare)
            elif sql:
                source, made = run_query(sql, Path(folder), reading, missing), {}
            else:
                source, made = open_source(table or "", Path(folder), reading), {}
            proposal = adopt(source, Wishes(called, prepare=prepare, **said, **made), places, missing)
    except (InputError, DatasetError) as error:
        raise click.ClickException(" ".join(str(error).split())) from error
    click.echo(_told(proposal, source, places))


def _prepared(package: str) -> tuple[Source, dict[str, Any]]:
    """The one output of the user's own prepare nodes, run on the project's catalog; its name, and if catalogued."""
    pipeline = own_pipeline(package)
    if len(pipeline.outputs()) != 1:
        made = ", ".join(sorted(pipeline.outputs())) or "none"
        raise InputError(f"--prepare {package}: its nodes must have one output that none of them reads; found {made}")
    (name,) = pipeline.outputs()
    session = KedroSession.create(project_path=Path.cwd())
    with session:
        catalog = session.load_context().catalog
        absent = sorted(each for each in pipeline.inputs() if each not in catalog)
        if absent:
            raise InputError(
                f"--prepare {package}: its nodes read {', '.join(absent)}, which the catalog does not hold"
            )
        catalogued = name in catalog
        rows = SequentialRunner().run(pipeline, catalog)[name].load()
    if not isinstance(rows, pl.LazyFrame | pl.DataFrame):
        raise InputError(f"--prepare {package}: {name} is a {type(rows).__name__}, no Polars frame")
    return Source(rows.lazy(), f"{name}, made by {package}"), {"made": name, "catalogued": catalogued}


def _told(proposal: Proposal, source: Source, places: Places) -> str:
    """What was found and written, and what to run next."""
    spec, name = proposal.spec, proposal.wishes.name
    left_out = [f"    {column}: {why}" for column, why in proposal.part("forbidden").items()]
    used = f"{len(spec.numeric)} numeric, {len(spec.categorical)} categorical"
    files = [places.table, *([] if proposal.wishes.catalogued else [places.catalog])]
    files += [] if proposal.wishes.prepare else [places.rows]
    return "\n".join(
        [
            f"{name}: {proposal.count:,} rows of {len(proposal.measured)} columns, from {source.told}",
            f"  {spec.target}: {proposal.aim.task}, {proposal.aim.why}",
            f"  columns: {used}, {len(left_out)} left out{':' if left_out else ''}",
            *left_out,
            f"  split: {spec.split.kind}{f', by {spec.group}' if spec.group else ''}",
            *(f"Wrote {path.relative_to(places.project)}" for path in files),
            f"Look through the first, then: kedro run --params table={name}",
        ]
    )
