"""`kedro runs`: every run so far, and what differs between two."""

from pathlib import Path
from typing import Any

import click
from kedro.framework.project import settings

from stillroom.runs import RunsConfig, RunStore, compared, runs_table
from stillroom.table.errors import InputError

HELP = """List the runs, the newest first.

    kedro runs --table wine
    kedro runs diff 2026-11-26T17.51 latest
    kedro runs show latest~1

A run is called by the beginning of its id, `latest`, or `latest~1` for the one before it.
"""


@click.group(name="runs", help=HELP, invoke_without_command=True)
@click.option("--env", "-e", default=None, help="Kedro environment.")
@click.option("--table", default=None, help="Only this table's.")
@click.option("--limit", type=click.IntRange(min=1), default=20, help="So many; 20 if left out.")
@click.option("--figures", default="", help="Which to show, such as chosen.roc_auc,chosen.size_kb.")
@click.pass_context
def runs_command(context: click.Context, env: str | None, table: str | None, limit: int, figures: str) -> None:
    """List runs."""
    context.obj = _store(env)
    if context.invoked_subcommand is not None:
        return
    found = [run for run in _told(context.obj.all) if table in (None, run.table)]
    if not found:
        click.echo("no run yet: kedro run makes one")
        return
    click.echo(runs_table(found[:limit], [name for name in figures.split(",") if name]))


@runs_command.command(name="diff")
@click.argument("one")
@click.argument("other")
@click.pass_obj
def diff(store: RunStore, one: str, other: str) -> None:
    """What changed from run ONE to OTHER: parameters, code, data and results."""
    click.echo(compared(_told(store.find, one), _told(store.find, other)))


@runs_command.command(name="show")
@click.argument("run")
@click.pass_obj
def show(store: RunStore, run: str) -> None:
    """The whole record of RUN, as JSON."""
    click.echo(_told(store.find, run).model_dump_json(indent=2))


def _store(env: str | None) -> RunStore:
    conf = Path.cwd() / settings.CONF_SOURCE
    loader = settings.CONFIG_LOADER_CLASS(conf_source=str(conf), env=env, **settings.CONFIG_LOADER_ARGS)
    return RunStore(RunsConfig.model_validate(loader["parameters"]["runs"]).folder)


def _told(ask: Any, *arguments: Any) -> Any:
    """An answer; what cannot be found is told in one sentence."""
    try:
        return ask(*arguments)
    except InputError as error:
        raise click.ClickException(str(error)) from error
