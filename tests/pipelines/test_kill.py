"""A run killed at any moment leaves no half-written dataset that a later run takes for whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import torch

from conftest import Project

LINGER = """
import os, time
from pathlib import Path

_replace = os.replace

def replace(source, target, **kwargs):
    # So that a test can kill between the writing and the renaming.
    if Path(target).name == os.environ.get("LINGER"):
        time.sleep(60)
    return _replace(source, target, **kwargs)

os.replace = replace
"""


def kill_when(project: Project, params: str, moment: Callable[[], bool], linger: str = "") -> None:
    """Start `kedro run`, and SIGKILL it and all its children once `moment` comes."""
    extra = project.path / "extra"
    extra.mkdir(exist_ok=True)
    (extra / "sitecustomize.py").write_text(LINGER)
    paths = f"{extra}{os.pathsep}{project.path / 'src'}"
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro", "run", "--params", params],
        cwd=project.path,
        env={**project.environment, "PYTHONPATH": paths, "LINGER": linger},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 240
    try:
        while not moment():
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def epochs_kept(checkpoints: Path) -> int:
    """How many of the teacher's epochs the last checkpoint holds; 0 where there is none yet."""
    kept = [torch.load(last, weights_only=True)["epoch"] + 1 for last in checkpoints.glob("teacher-*/last.ckpt")]
    return max(kept, default=0)


def is_there(path: Path) -> bool:
    """Whether there is a file, or a folder with something in it that is not hidden."""
    return path.is_file() or any(path.glob("[!.]*"))


def load_all(project: Project) -> set[str]:
    """Load every dataset that has a file or folder, through the catalog; returns their names."""
    loaded = set()
    with project.session(runtime_params={"table": "wine"}) as session:
        catalog = session.load_context().catalog
        for name in catalog:
            path = getattr(catalog[name], "_filepath", None)
            if path is not None and "01_raw" not in str(path) and is_there(Path(path)):
                data = catalog.load(name)
                if hasattr(data, "collect"):
                    data.collect()
                loaded.add(name)
    return loaded


def completes(project: Project, params: str) -> set[str]:
    run = project.kedro("run", "--params", params, timeout=300)
    assert run.returncode == 0, run.stderr[-3000:]
    return load_all(project)


@pytest.mark.slow
def test_a_run_killed_while_training_goes_on_when_asked(project: Project) -> None:
    checkpoints = project.path / "data/06_models/checkpoints"
    params = "table=wine,experiment=quick,trainer.max_epochs=100,trainer.patience=100,trainer.progress=false"

    kill_when(project, params, lambda: epochs_kept(checkpoints) >= 3)

    begun = load_all(project)
    assert {"training_table", "encoding"} <= begun
    assert "teacher" not in begun
    made = completes(project, params + ",trainer.resume=true")
    assert {"teacher", "student", "float_models", "champion"} <= made
    epochs = teacher_epochs(project)
    assert 0 < min(epochs) < max(epochs) == 99
    assert not any(checkpoints.glob("*"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["training_table.parquet", "teacher.zip", "float"])
def test_a_run_killed_while_saving_leaves_no_half_dataset(name: str, project: Project) -> None:
    dataset = {"training_table.parquet": "training_table", "teacher.zip": "teacher", "float": "float_models"}[name]
    unfinished = lambda: any(project.path.glob(f"data/*/wine/.{name}.*.tmp"))  # noqa: E731
    params = "table=wine,experiment=quick"

    kill_when(project, params, unfinished, linger=name)

    assert any(project.path.glob(f"data/*/wine/.{name}.*.tmp"))
    assert dataset not in load_all(project)
    assert {dataset, "champion", "drift_report"} <= completes(project, params)


@pytest.mark.slow
def test_a_run_killed_while_saving_again_leaves_the_version_before(project: Project) -> None:
    params = "table=wine,experiment=quick"
    before = completes(project, params)
    kept = project.path / "data/06_models/wine/teacher.zip"
    bytes_before = kept.read_bytes()

    kill_when(project, params + ",seed=1", lambda: any(kept.parent.glob(".teacher.zip.*.tmp")), linger="teacher.zip")

    assert kept.read_bytes() == bytes_before
    assert load_all(project) == before


def teacher_epochs(project: Project) -> list[int]:
    """The epochs in the CSV log of the last run's teacher, which trained the longest."""
    logs = (project.path / "data/08_reporting").rglob("metrics.csv")
    newest = sorted(logs, key=lambda file: file.stat().st_mtime)[-3:]
    return max((pl.read_csv(file)["epoch"].to_list() for file in newest), key=max)
