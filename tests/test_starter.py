"""`kedro new --starter <this repository>`: a project of somebody's own, with the flights or without."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from conftest import ROOT, Project

HERE = os.environ | {"DO_NOT_TRACK": "1"}
TAKES_A_LOOK = ("--pipelines", "prepare", "--to-nodes", "prepare.flights.describe_weather")


def new(folder: Path, starter: str = str(ROOT), **answers: str) -> subprocess.CompletedProcess[str]:
    """Run `kedro new` in a folder, the answers in a file."""
    (folder / "answers.yml").write_text(yaml.safe_dump(answers))
    command = [sys.executable, "-m", "kedro", "new", "--starter", starter, "--config", "answers.yml"]
    return subprocess.run(command, cwd=folder, env=HERE, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_a_project_without_flights_goes_the_whole_way(tmp_path: Path) -> None:
    made = new(tmp_path, project_name="Wine Cellar", flights="no")
    assert made.returncode == 0, made.stdout + made.stderr
    project = Project(tmp_path / "wine-cellar")
    run = project.kedro("run", "--params", "table=wine,experiment=quick,trainer.progress=false")

    assert run.returncode == 0, run.stdout + run.stderr
    assert (project.path / "data/08_reporting/wine/drift.html").exists()
    assert list((project.path / "bentoml/bentos/stillroom_wine").glob("*/bento.yaml"))
    assert not [file for file in project.path.rglob("*flights*") if "bentoml" not in file.parts]


@pytest.mark.slow
def test_a_project_with_flights_prepares_them(tmp_path: Path) -> None:
    made = new(tmp_path, project_name="Airport", flights="yes")
    assert made.returncode == 0, made.stdout + made.stderr
    run = Project(tmp_path / "airport").kedro("run", *TAKES_A_LOOK)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "prepare.flights.describe_weather" in run.stdout + run.stderr


@pytest.mark.slow
def test_a_project_from_a_repository_names_it_and_the_version(tmp_path: Path) -> None:
    bare = tmp_path / "stillroom.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", "--shared", ROOT, bare], check=True)
    subprocess.run(["git", "-C", bare, "tag", "v9"], check=True)
    (tmp_path / "answers.yml").write_text("{project_name: Cellar, flights: 'no'}")
    command = ["new", "--starter", bare.as_uri(), "--checkout", "v9", "--config", "answers.yml"]
    made = subprocess.run(
        [sys.executable, "-m", "kedro", *command],
        cwd=tmp_path, env=HERE | {"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert made.returncode == 0, made.stdout + made.stderr
    project = tomllib.loads((tmp_path / "cellar/pyproject.toml").read_text())["project"]
    assert project["dependencies"] == [f"stillroom[train] @ git+{bare.as_uri()}@v9"]


def test_a_project_that_would_hide_stillroom_is_refused(tmp_path: Path) -> None:
    made = new(tmp_path, project_name="Stillroom", flights="no")

    assert made.returncode == 1
    assert "A package cannot be called 'stillroom' here: choose another project name." in made.stdout + made.stderr
    assert not (tmp_path / "stillroom").exists()
