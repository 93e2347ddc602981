"""`trainer=multinode` in two real processes as two hosts: one runs everything, the other only trains with it."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from conftest import ROOT, Project
from ports import free_port
from stillroom.datasets.teacher import TeacherDataset
from training import hosts
from training.slow import steps

EXPERIMENT = """# @package _global_
defaults:
  - override /trainer: multinode
  - override /model: slow
trainer: {{accelerator: cpu, precision: 32-true, rendezvous: '127.0.0.1:{port}', timeout: 200, max_restarts: 2,
  max_epochs: 4, patience: 4, batch_size: 10, progress: false}}
"""
EPOCHS = 4


@pytest.mark.slow
def test_a_host_that_is_lost_and_joins_again_trains_one_model_and_every_other_node_runs_once(project: Project) -> None:
    notes, conf = project.path / "notes", project.path / "conf/base"
    model = f"network: {{_target_: training.slow.Slow, size: 8, notes: {notes}}}\n"
    (conf / "model/slow.yaml").write_text(model)
    (conf / "experiment/hosts.yaml").write_text(EXPERIMENT.format(port=free_port()))
    started = []

    def start(pipelines: str, address: str):
        params = f"table=wine,experiment=hosts,trainer.address={address}"
        command = [sys.executable, "-m", "kedro", "run", "--pipelines", pipelines, "--params", params]
        paths = f"{project.path / 'src'}:{ROOT / 'tests'}"
        started.append(hosts.start(command, project.path, {**project.environment, "PYTHONPATH": paths}))
        return started[-1]

    def in_the_second_epoch() -> bool:
        kept = any(project.path.glob("data/06_models/checkpoints/*/last.ckpt"))
        return kept and len(steps(notes)) == 2

    try:
        other, first = start("join", "127.0.0.2"), start("prepare,train", "127.0.0.1")
        hosts.wait_until(in_the_second_epoch, first, other)
        hosts.kill(other)
        again = start("join", "127.0.0.2")
        statuses, said = zip(*(hosts.ended(host) for host in (first, again)), strict=True)
    finally:
        for host in started:
            hosts.kill(host)

    assert statuses == (0, 0), said[0][-3000:] + said[1][-3000:]
    ran = [Counter(re.findall(r"Completed node: (\S+)", text)) for text in said]
    assert ran[0] == Counter(f"prepare.{node}" for node in ("split_table", "describe_table", "encode_table")) + Counter(
        ["train.train_teacher"]
    )
    assert ran[1] == Counter(["join.await_first_host", "join.join_teacher"])
    assert len(steps(notes)) == 4, "two ranks, and the two that went on"
    teacher = TeacherDataset(filepath=str(Path("data/06_models/wine/teacher.zip"))).load()
    assert [entry["epoch"] for entry in teacher.history] == list(range(EPOCHS))


def test_nothing_is_joined_where_one_host_trains(project: Project) -> None:
    run = project.run("--pipelines", "join", "--params", "table=wine")
    assert run.exit_code == 1
    assert "there is no training of several hosts to join: choose trainer=multinode" in run.output
