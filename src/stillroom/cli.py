"""Stillroom's own commands beside Kedro's: `kedro models`, `kedro rollback`, and `kedro run --params` with groups."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.cli.utils import KedroCliError, split_string
from kedro.framework.session import KedroSession
from kedro.io import CatalogProtocol
from omegaconf import OmegaConf

from stillroom.datasets.bento import list_models
from stillroom.datasets.champion import Champion

VERBOSE_HELP = "Show the traceback of an error that one sentence would tell."


def split_params(context: click.Context, parameter: Any, value: Any) -> dict[str, Any]:
    """`model=mlp,model.network.dropout=0.2` as {"model": "mlp", "model.network.dropout": 0.2}.

    Kedro's own parsing nests the keys and so loses the choice of a group when one of its values is set too.
    """
    if isinstance(value, dict):
        return value
    params = {}
    for item in split_string(context, parameter, value):
        key, equals, text = item.partition("=")
        if not equals or not key.strip():
            raise click.BadParameter(f"{item!r} is not key=value", context, parameter)
        params[key.strip()] = OmegaConf.from_dotlist([f"value={text}"])["value"]
    return params


def ask_for_tracebacks(context: click.Context, parameter: Any, value: bool) -> None:
    """Set Kedro's own switch, at which `stillroom.hooks` looks before it ends a run with one sentence."""
    KedroCliError.VERBOSE_ERROR = value


def _run_with_groups() -> click.Command:
    """Kedro's `run`, its `--params` read by `split_params`, and with `--verbose`."""
    command = copy.copy(kedro_run)
    command.params = [copy.copy(option) for option in kedro_run.params]
    option = next(option for option in command.params if option.name == "params")
    option.callback = split_params
    command.params.append(
        click.Option(
            ["--verbose", "-v"], is_flag=True, expose_value=False, callback=ask_for_tracebacks, help=VERBOSE_HELP
        )
    )
    return command


@click.group(name="stillroom")
def cli() -> None:
    """The project's commands."""


run = _run_with_groups()
cli.add_command(run)


@cli.command()
@click.option("--env", "-e", default=None, help="Kedro environment.")
@click.option("--params", default="", callback=split_params, help="Which table: `table=wine`.")
def models(env: str | None, params: dict[str, Any]) -> None:
    """List the released versions of a table's model: newest first, the champion marked."""
    with _catalog(env, params) as catalog:
        champion = catalog.load("champion").tag
        name = catalog["release_model"]._describe()["name"]
    found = list_models(name)
    if not found:
        click.echo(f"no version of {name} yet: kedro run makes one")
    for model in found:
        known: dict[str, Any] = dict(model.info.metadata)
        figures = "  ".join(f"{metric} {value:.4f}" for metric, value in known["metrics"].items())
        mark = "champion" if str(model.tag) == champion else ""
        click.echo(f"{model.tag}  {mark:8}  {known['candidate']:24}  {known['size_kb']:8.0f} kB  {figures}")


@cli.command()
@click.option("--env", "-e", default=None, help="Kedro environment.")
@click.option("--params", default="", callback=split_params, help="Which table: `table=wine`.")
def rollback(env: str | None, params: dict[str, Any]) -> None:
    """Make the champion before this one champion again, and build its Bento."""
    with _catalog(env, params) as catalog:
        standing: Champion = catalog.load("champion")
        try:
            restored = standing.rolled_back()
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        catalog.save("bento", restored.tag)
        catalog.save("champion", restored)
        click.echo(f"champion: {restored.tag} (was {standing.tag}); its Bento is {catalog.load('bento')}")


@contextmanager
def _catalog(env: str | None, params: dict[str, Any]) -> Iterator[CatalogProtocol]:
    session = KedroSession.create(project_path=Path.cwd(), env=env, runtime_params=params)
    with session:
        yield session.load_context().catalog
