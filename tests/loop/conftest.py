"""A project that has released its first champion, and copies of it for what may become of it."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from conftest import Project
from loop.shop import PARAMS, make_project


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop's project with a champion that was made before the live days."""
    project = make_project(tmp_path_factory.mktemp("loop") / "learned")
    done = project.kedro("run", "--pipelines", "prepare,train,compress,release", "--params", PARAMS)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return project


@pytest.fixture
def shop(learned: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of it; the test's working directory is inside, as is BentoML's store."""
    copy = Project(tmp_path / "shop")
    shutil.copytree(learned.path, copy.path, symlinks=True)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("BENTOML_HOME", str(copy.path / "bentoml"))
    monkeypatch.chdir(copy.path)
    return copy
