"""`trainer=ddp_cpu` in a real `kedro run`: training on two ranks, everything else once."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch

from conftest import ROOT, Project

EXPERIMENT = """# @package _global_
defaults:
  - override /model: watched
trainer: {max_epochs: 1, batch_size: 16, progress: false}
compress:
  out_of_fold: {teachers: [trees], folds: 2, trees: {max_rounds: 20}}
  student: {network: {widths: [16]}, max_epochs: 1, batch_size: 16}
  prune: {max_epochs: 1}
release: {rounds: 10}
"""


@pytest.mark.slow
def test_two_ranks_train_and_every_node_runs_once(project: Project) -> None:
    seen = project.path / "seen"
    seen.mkdir()
    conf = project.path / "conf/base"
    network = f"network: {{_target_: training.watched.Watched, size: 8, folder: {seen}}}\n"
    (conf / "model/watched.yaml").write_text(network)
    (conf / "experiment/two_ranks.yaml").write_text(EXPERIMENT)
    paths = f"{project.path / 'src'}{os.pathsep}{ROOT / 'tests'}"

    run = subprocess.run(
        [sys.executable, "-m", "kedro", "run", "--params", "table=wine,trainer=ddp_cpu,experiment=two_ranks"],
        cwd=project.path,
        env={**project.environment, "PYTHONPATH": paths, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    ranks = [torch.load(seen / f"{rank}.pt") for rank in range(2)]
    assert [rank["world"] for rank in ranks] == [2, 2]
    assert ranks[0]["process"] != ranks[1]["process"]
    rows = [set(rank["epochs"][0]) for rank in ranks]
    assert rows[0].isdisjoint(rows[1])
    assert abs(len(rows[0]) - len(rows[1])) <= 1
    assert all(torch.equal(a, b) for a, b in zip(ranks[0]["weights"], ranks[1]["weights"], strict=True))

    completed = Counter(re.findall(r"Completed node: (\S+)", run.stdout + run.stderr))
    assert {"train.train_teacher", "compress.distil_student", "compress.prune_student"} <= set(completed)
    assert set(completed.values()) == {1}
    logs = list((project.path / "data/08_reporting").rglob("metrics.csv"))
    assert len(logs) == 3, "teacher, student and pruned student, each logged by one rank"
    assert not list(Path(project.path / "data/06_models/checkpoints").glob("*"))
