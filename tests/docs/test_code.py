"""The blocks of YAML and Python of README.md and docs/."""

import re

import pytest
import torch
import yaml
from blocks import Block, blocks, reason
from torch import nn

from stillroom.config import GroupConfigLoader
from stillroom.parameters import Parameters, check_parameters

OPTION = re.compile(r"# conf/base/(\w+)/(\w+)\.yaml")
YAML = [block for block in blocks("yaml") if not reason("blocks", block.begins)]
PYTHON = [block for block in blocks("python") if not reason("blocks", block.begins)]


@pytest.mark.parametrize("block", YAML, ids=str)
def test_yaml_fits_into_conf(block: Block, project) -> None:
    declared = yaml.safe_load(block.text)
    option = OPTION.match(block.begins)

    if set(declared) <= set(Parameters.model_fields):
        composed(project, declared)
    elif option:
        group, name = option.groups()
        of_a_table = {"name": name, "source": name} if group == "table" else {}
        (project.path / f"conf/base/{group}/{name}.yaml").write_text(yaml.safe_dump(of_a_table | declared))
        composed(project, {group: name})
    else:
        make_datasets(project, block.text, declared)


def composed(project, declared: dict[str, object]) -> None:
    """Put these into an environment's parameters, compose and check them."""
    (project.path / "conf/local/parameters.yml").write_text(yaml.safe_dump(declared))
    check_parameters(GroupConfigLoader(project.path / "conf", base_env="base", default_run_env="local")["parameters"])


def make_datasets(project, text: str, declared: dict[str, object]) -> None:
    """Put entries into the catalog and make their datasets."""
    (project.path / "conf/local/catalog.yml").write_text(text)
    (project.path / "conf/local/credentials.yml").write_text("s3: {key: key, secret: secret}")
    with project.session() as session:
        catalog = session.load_context().catalog
        assert all(catalog[name] for name in declared), f"{text!r} is neither checked nor listed in not_run.yaml"


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_python_is_executed(block: Block) -> None:
    exec(block.text, {"nn": nn, "torch": torch})
