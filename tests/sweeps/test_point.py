"""A point as a command that `kedro run` reads back."""

import shlex

import click
import pytest

from stillroom.cli import split_params
from stillroom.sweeps.point import command

VALUES = [
    1,
    1e-05,
    0.1 + 0.2,
    1e22,
    True,
    None,
    "mlp",
    "1",
    "true",
    "a, b",
    "it's",
    "",
    [0.25, 0.5],
    {"a": [1, "x"]},
    "-1",
    "2013-01-01",
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were(value):
    line = shlex.split(command({"table": "wine", "a.b": value}, env="production"))

    assert line[:4] == ["kedro", "run", "--env", "production"]
    assert split_params(click.Context(click.Command("run")), None, line[-1]) == {"table": "wine", "a.b": value}
