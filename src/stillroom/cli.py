"""Stillroom's own commands beside Kedro's.

`kedro adopt`, `kedro sweep`, `kedro runs`, `kedro models`, `kedro rollback`, `kedro loop`, `kedro keys`, and
`kedro run --params` with groups.
"""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.cli.utils import KedroCliError
from kedro.framework.session import KedroSession
from kedro.io import CatalogProtocol, DatasetError
from omegaconf import OmegaConf

from stillroom.adoption_command import adopt_command
from stillroom.datasets.bento import list_models
from stillroom.datasets.champion import Champion
from stillroom.integrity.digests import IntegrityError
from stillroom.integrity.keys import make_keys, read_public_key
from stillroom.integrity.settings import SigningConfig
from stillroom.integrity.signing import SIGNATURE_FILE, verify
from stillroom.loop import LoopConfig, Pipelines, lock, run_round
from stillroom.rollback import roll_back
from stillroom.runs_command import runs_command
from stillroom.sweep_command import sweep_command

KEYS = "conf/local/keys"
VERBOSE_HELP = "Show the traceback of an error that one sentence would tell."


def split_params(context: click.Context, parameter: Any, value: Any) -> dict[str, Any]:
    """`model=mlp,model.network.dropout=0.2` as {"model": "mlp", "model.network.dropout": 0.2}.

    Kedro's own parsing nests the keys and so loses the choice of a group when one of its values is set too.
    """
    if isinstance(value, dict):
        return value
    params = {}
    for item in _items(value):
        key, equals, text = item.partition("=")
        if not equals or not key.strip():
            raise click.BadParameter(f"{item!r} is not key=value", context, parameter)
        params[key.strip()] = OmegaConf.from_dotlist([f"value={text}"])["value"]
    return params


def _items(text: str) -> list[str]:
    """The parts between commas, but for those inside brackets or quotes: `ratios=[0.25,0.5]` is one."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote or (letter in "'\"" and parts[-1].endswith(("=", ",", " ", "[", "{"))):
            quote = "" if letter == quote else quote or letter
        depth += 0 if quote else (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


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
cli.add_command(adopt_command)
cli.add_command(sweep_command)
cli.add_command(runs_command)


@cli.command()
@click.option("--env", "-e", default=None, help="Kedro environment.")
@click.option("--params", default="", callback=split_params, help="Which table: `table=wine`.")
def models(env: str | None, params: dict[str, Any]) -> None:
    """List the released versions of a table's model: newest first, the champion marked."""
    with _catalog(env, params) as catalog:
        champion = catalog.load("champion").tag
        name = catalog["release_model"]._describe()["name"]
        signing = SigningConfig.model_validate(catalog.load("params:release.signing"))
    found = list_models(name)
    if not found:
        click.echo(f"no version of {name} yet: kedro run makes one")
    for model in found:
        known: dict[str, Any] = dict(model.info.metadata)
        figures = "  ".join(f"{metric} {value:.4f}" for metric, value in known["metrics"].items())
        mark = "champion" if str(model.tag) == champion else ""
        columns = [f"{mark:8}", f"{_signed(model.path, signing):8}", f"{known['candidate']:24}"]
        click.echo("  ".join([str(model.tag), *columns, f"{known['size_kb']:8.0f} kB", figures]))


def _signed(folder: str, signing: SigningConfig) -> str:
    """What is known of a version's signature: verified is one that fits the declared public key."""
    if not (Path(folder) / SIGNATURE_FILE).exists():
        return "unsigned"
    if signing.public_key is None:
        return "signed"
    try:
        verify(Path(folder), read_public_key(signing.public_key))
    except IntegrityError:
        return "refused"
    return "verified"


@cli.command()
@click.option("--env", "-e", default=None, help="Kedro environment.")
@click.option("--params", default="", callback=split_params, help="Which table: `table=wine`.")
def rollback(env: str | None, params: dict[str, Any]) -> None:
    """Make the champion before this one champion again, and build its Bento."""
    with _catalog(env, params) as catalog:
        standing: Champion = catalog.load("champion")
        try:
            restored = roll_back(catalog)
        except (ValueError, DatasetError) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"champion: {restored.tag} (was {standing.tag}); its Bento is {catalog.load('bento')}")


@cli.command()
@click.option("--once", is_flag=True, help="One round, and exit.")
@click.option("--every", type=click.IntRange(min=1), help="A round every so many seconds, until stopped.")
@click.option("--env", "-e", default=None, help="Kedro environment.")
@click.option("--params", default="", callback=split_params, help="As of `kedro run`.")
def loop(once: bool, every: int | None, env: str | None, params: dict[str, Any]) -> None:
    """Watch the champion, and where it is needed train, judge and try a new one; goes on where it was killed."""
    if once == (every is not None):
        raise click.UsageError("say either --once or --every SECONDS")
    with _catalog(env, params) as catalog:
        config = LoopConfig.model_validate(catalog.load("params:loop"))
    pipelines = Pipelines(Path.cwd(), env, params)
    if every is None:
        _round(config, pipelines)
        return
    while True:
        began = time.monotonic()
        try:
            _round(config, pipelines)
        except click.ClickException as error:
            error.show()
        time.sleep(max(0.0, every - (time.monotonic() - began)))


def _round(config: LoopConfig, pipelines: Pipelines) -> None:
    try:
        with lock(config.state):
            outcome = run_round(config, pipelines)
    except httpx.HTTPError as error:
        raise click.ClickException(f"the service could not be asked: {error}") from error
    click.echo(f"{outcome.result.replace('_', ' ')}; the champion is {outcome.champion}")
    for reason in outcome.reasons:
        click.echo(f"  {reason}")


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=KEYS)
def keys(folder: Path) -> None:
    """Make a key pair that signs and verifies models, in FOLDER."""
    try:
        private, public = make_keys(folder)
    except IntegrityError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{private} signs: keep it to yourself, and a copy where it is safe")
    click.echo(f"{public} verifies: give it to whoever serves the models")


@contextmanager
def _catalog(env: str | None, params: dict[str, Any]) -> Iterator[CatalogProtocol]:
    session = KedroSession.create(project_path=Path.cwd(), env=env, runtime_params=params)
    with session:
        yield session.load_context().catalog
