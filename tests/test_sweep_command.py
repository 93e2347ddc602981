"""`kedro sweep` on the project: which nodes run, what is refused, what goes on after a failure or a kill."""

import json
import shlex
import signal
import subprocess
import sys

import pytest

from stillroom.cli import split_params
from stillroom.sweep_command import sweep_command

WINE = ("table=wine", "experiment=quick", "trainer.progress=false", "trainer.threads=1")
TRAINED = ["train.train_teacher", "evaluate.score_teacher"]
FIRST = ["prepare.split_table", "prepare.describe_table", "prepare.encode_table", *TRAINED]


def points(project):
    """What the only sweep left."""
    (file,) = project.path.glob("data/08_reporting/sweeps/*/points.json")
    return json.loads(file.read_text())


def records(project):
    files = sorted(project.path.glob("data/08_reporting/runs/*/run.json"))
    return [json.loads(file.read_text()) for file in files]


@pytest.mark.slow
def test_a_grid_runs_what_changed_ranks_its_points_and_goes_on_past_one_that_fails(project):
    grid = (*WINE, "optimizer.lr=1e-2,-1", "seed=1,2")

    first = project.invoke(sweep_command, *grid)
    tried = points(project)
    again = project.invoke(sweep_command, *grid)

    assert first.exit_code == 0, first.output
    assert [point["outcome"] for point in tried] == ["done", "done", "failed", "failed"]
    assert [point["ran"] for point in tried] == [FIRST, TRAINED, TRAINED, TRAINED]
    assert "failed: ValueError: Invalid learning rate: -1" in first.output
    assert [point["ran"] for point in points(project)[:2]] == [[], []], again.output
    assert [point["figures"] for point in points(project)] == [point["figures"] for point in tried]
    (page,) = project.path.glob("data/08_reporting/sweeps/*/parallel.html")
    assert "parcoords" in page.read_text()
    assert_recorded(project, tried)
    assert_reproduced(project, first.output, tried)


def assert_recorded(project, tried):
    """Every point is a run, with its parameters and figures."""
    runs = {record["run_id"]: record for record in records(project)}
    assert len(runs) == 8
    assert [runs[point["run_id"]]["outcome"] for point in tried] == ["completed", "completed", "failed", "failed"]
    assert [runs[point["run_id"]]["params"]["seed"] for point in tried] == [1, 2, 1, 2]
    for point in tried[:2]:
        assert point["figures"].items() <= runs[point["run_id"]]["figures"].items()


def assert_reproduced(project, output, tried):
    """The command that the sweep ends with gives the figure of its best point, in a run without the sweep's cache."""
    best = max(tried[:2], key=lambda point: point["figures"]["validation.accuracy"])
    command = shlex.split(next(line for line in output.splitlines() if line.startswith("Best")))
    assert split_params(None, None, command[-1]) == best["params"]
    run = project.run(*command[3:], "--pipelines", "prepare,train,evaluate")
    assert run.exit_code == 0, run.output
    assert records(project)[-1]["figures"].items() >= best["figures"].items()


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["model=mlp,mlpp"], "model=mlpp: no such option; the choices of model are cnn, "),
        (["trainer.max_epoch=1,2"], "parameters: trainer.max_epoch: no such key; the choices are accelerator, "),
        (["model=glob(x*)"], "model=glob(x*): no option fits; the choices of model are cnn, "),
        (["optimizer.lr=interval(0.1,1)"], "optimizer.lr: an interval has no end of points; say --search optuna"),
        (
            ["sweep.metrics=[validation.roc]"],
            "sweep.metrics: validation.roc: the direction of roc is not known; the figures",
        ),
        (["sweep.metrics=[quality.rmse]"], "quality.rmse: the catalog has no figures called quality"),
        (["sweep.pipelines=[prepare]"], "sweep.metrics: validation is made by none of the pipelines prepare"),
        (["--search", "optuna", "sweep.sampler._target_=optuna.samplers.None", "seed=1,2"], "sweep.sampler: _target_"),
    ],
)
def test_what_cannot_be_swept_is_refused_in_one_sentence_before_the_first_point(project, overrides, sentence):
    refused = project.invoke(sweep_command, *WINE, *overrides)

    assert refused.exit_code == 1
    assert "Error: " in refused.output
    assert sentence in refused.output
    assert not (project.path / "data/02_intermediate").exists()


DOOMED = """
import os, signal, sys
from stillroom.sweep_project import SweepProject
attempt, made = SweepProject.attempt, []
def doomed(self, number, *arguments):
    if len(made) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    made.append(number)
    return attempt(self, number, *arguments)
SweepProject.attempt = doomed
from kedro.framework.cli import main
sys.argv[1:] = {arguments}
main()
"""


@pytest.mark.slow
def test_a_killed_search_goes_on_where_it_was(project):
    search = [*WINE, "optimizer.lr=tag(log,interval(1e-4,1e-1))", "--search", "optuna", "--trials", "3"]
    code = DOOMED.format(arguments=["sweep", *search])

    killed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.path,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    before = points(project)
    ended = project.invoke(sweep_command, *search)

    assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]
    assert len(before) == 1
    assert ended.exit_code == 0, ended.output
    assert "1 of 3 points are there" in ended.output
    assert len(points(project)) == 3
    assert points(project)[:1] == before
    assert len({point["params"]["optimizer.lr"] for point in points(project)}) == 3
    assert all(1e-4 <= point["params"]["optimizer.lr"] <= 1e-1 for point in points(project))
