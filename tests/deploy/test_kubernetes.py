"""The example of a CronJob asks for what `kedro loop` and the parameters know."""

from pathlib import Path

import yaml

from conftest import ROOT
from stillroom import cli
from stillroom.loop import LoopConfig
from stillroom.loop.canary.service import TOKEN

MANIFEST = ROOT / "deploy/kubernetes/loop.yaml"


def test_the_cron_job_s_command_is_one_that_the_loop_takes() -> None:
    job = yaml.safe_load(MANIFEST.read_text())
    spec = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    command, *arguments = [*container["command"], *container["args"]]

    assert (job["apiVersion"], job["kind"], job["spec"]["concurrencyPolicy"]) == ("batch/v1", "CronJob", "Forbid")
    assert (command, arguments[0]) == ("kedro", "loop")
    given = cli.loop.make_context("loop", arguments[1:]).params
    assert given["once"]
    services = given["params"]["loop.canary.services"]
    assert len(LoopConfig(state=Path("loop.json"), canary={"services": services}).canary.services) == 2
    assert {variable["name"] for variable in container["env"]} == {"BENTOML_HOME", TOKEN}
