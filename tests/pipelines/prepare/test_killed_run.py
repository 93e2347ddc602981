"""A run that is killed while it saves leaves only whole datasets, and a later run goes on from them."""

import subprocess
import sys

import pytest

from datasets.halted import HALF_WRITTEN, HALT
from stillroom.datasets.model import ModelDataset


@pytest.mark.slow
def test_what_a_killed_run_was_writing_is_not_there_and_the_next_run_makes_it(project):
    # `sitecustomize` is imported at the start of every Python process: this one halts inside its second document.
    (project.path / "src/sitecustomize.py").write_text(HALT + HALF_WRITTEN.format(call=2))
    command = [sys.executable, "-m", "kedro", "run", "--pipelines", "prepare", "--params", "table=wine"]
    run = subprocess.Popen(command, cwd=project.path, env=project.environment, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert "now\n" in iter(run.stdout.readline, "")
    run.kill()
    run.wait()
    (project.path / "src/sitecustomize.py").unlink()

    table = project.path / "data/03_primary/wine/training_table.parquet"
    encoding = project.path / "data/05_model_input/wine/encoding.json"
    written = table.stat().st_mtime_ns
    assert (project.path / "data/08_reporting/wine/quality.json").exists()
    assert not encoding.exists()

    result = project.run("--pipelines", "prepare", "--params", "table=wine", "--only-missing-outputs")

    assert result.exit_code == 0, result.output
    dataset = ModelDataset(model="stillroom.table.encoding.Encoding", filepath=str(encoding))
    assert dataset.load().target.classes == ["0", "1", "2"]
    assert table.stat().st_mtime_ns == written
