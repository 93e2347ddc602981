"""Shared fixtures: copies of the project, small enough for a real `kedro run` in a test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from click import Command
from click.testing import CliRunner, Result
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

import stillroom

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data/01_raw/nycflights13"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that none is left for one worker alone at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own, with BentoML's stores inside."""

    path: Path

    @property
    def raw(self) -> Path:
        """Where the raw flights lie."""
        return self.path / "data/01_raw/nycflights13"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that works in this copy, and does not break its log's lines."""
        own = {"BENTOML_HOME": str(self.path / "bentoml"), "PYTHONPATH": str(self.path / "src"), "COLUMNS": "200"}
        return {**os.environ, **own}

    def kedro(self, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """A `kedro` command in a process of its own; takes 8 s and up."""
        command = [sys.executable, "-m", "kedro", *arguments]
        return subprocess.run(
            command, cwd=self.path, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    def run(self, *arguments: str) -> Result:
        """`kedro run` in this process: what the command line would show, without the start of Python."""
        from stillroom.cli import run

        return self.invoke(run, *arguments)

    def invoke(self, command: Command, *arguments: str) -> Result:
        """One of Kedro's commands in this process."""
        return CliRunner().invoke(command, list(arguments), obj=bootstrap_project(self.path))

    def session(self, **options: object) -> KedroSession:
        """A Kedro session in this process."""
        bootstrap_project(self.path)
        return KedroSession.create(project_path=self.path, **options)  # type: ignore[arg-type]


def copy_project(path: Path, raw: Path) -> Project:
    """A copy of the project with these raw tables."""
    for folder in ("conf", "src"):
        shutil.copytree(ROOT / folder, path / folder)
    for file in ("pyproject.toml", "bentofile.yaml", ".telemetry"):
        shutil.copy(ROOT / file, path / file)
    shutil.copytree(raw, path / "data/01_raw/nycflights13")
    return Project(path)


SPARK = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
"""Settings of a small session on loopback."""


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    """One session of two threads for all tests of a process; a `kedro run --env spark` in the process takes it too."""
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = SparkSession.builder.master("local[2]").config(map=SPARK).getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="session")
def small_raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The raw tables with every 60th flight of the year."""
    folder = tmp_path_factory.mktemp("raw")
    for file in RAW.glob("*.parquet"):
        table = pl.scan_parquet(file)
        (table.gather_every(60) if file.stem == "flights" else table).sink_parquet(folder / file.name)
    return folder


@pytest.fixture
def project(tmp_path: Path, small_raw: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the project with the small raw tables; the test's working directory is inside."""
    copy = copy_project(tmp_path / "project", small_raw)
    # Kedro puts the copy's code in front of everything, for this process and those it starts; not for later tests.
    assert Path(stillroom.__file__).is_relative_to(ROOT)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    monkeypatch.chdir(copy.path)
    monkeypatch.setenv("BENTOML_HOME", str(copy.path / "bentoml"))
    return copy
