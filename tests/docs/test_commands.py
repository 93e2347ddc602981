"""The commands of README.md and docs/: `kedro run` goes as far as its first node, the others' arguments are read."""

import shlex
from collections.abc import Callable

import click
import pytest
from blocks import blocks, not_run, reason
from kedro.runner import SequentialRunner

from stillroom.cli import cli
from stillroom.integrity.keys import make_keys

COMMANDS = sorted({c for block in blocks("bash") if block.page != "docs/quickstart.md" for c in block.commands})
RUNS = [command for command in COMMANDS if f"{command} ".startswith("kedro run ") and not reason("commands", command)]
OTHERS = [command for command in COMMANDS if command not in RUNS and not reason("commands", command)]


class ReachedError(Exception):
    """A run has come to its first node."""


@pytest.fixture
def first_node(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Ends a run where its nodes would begin."""

    def reached(self: SequentialRunner, pipeline: object, catalog: object, *_: object, **__: object) -> None:
        raise ReachedError

    monkeypatch.setattr(SequentialRunner, "_run", reached)
    return reached


@pytest.mark.parametrize("command", RUNS)
@pytest.mark.usefixtures("first_node")
def test_a_run_comes_to_its_first_node(command: str, project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STILLROOM_SERVING_PROFILE_DIR", str(project.path / "profiles"))
    make_keys(project.path / "conf/local/keys")

    result = project.run(*shlex.split(command)[2:])

    assert isinstance(result.exception, ReachedError), result.output


@pytest.mark.parametrize("command", OTHERS)
def test_another_command_of_stillroom_takes_its_arguments(command: str) -> None:
    program, name, *arguments = shlex.split(command.removesuffix("&"))

    assert program == "kedro", f"{command!r} is neither run nor listed in docs/site/not_run.yaml"
    cli.commands[name].make_context(name, arguments)


def test_a_wrong_option_is_found() -> None:
    with pytest.raises(click.NoSuchOption):
        cli.commands["models"].make_context("models", ["--tabel", "wine"])


def test_nothing_is_listed_that_no_page_has() -> None:
    commands = [command for block in blocks("bash") for command in block.commands]
    texts = [block.begins for block in blocks()]

    assert [begins for begins in not_run("commands") if not any(c.startswith(begins) for c in commands)] == []
    assert [begins for begins in not_run("blocks") if not any(t.startswith(begins) for t in texts)] == []


def test_every_block_is_in_a_language_that_is_looked_at() -> None:
    assert {block.language for block in blocks()} == {"", "bash", "python", "yaml"}
