"""A loop killed at every step comes to the same end: damage that a new model repairs, tried by a canary."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from conftest import ROOT, Project
from loop.customers import customers
from loop.shop import DAYS, PARAMS, champion, write_orders
from serving.served import served
from stillroom.loop.machine import STEPS

TOKEN = "a token that nobody guesses"


def loop(project: Project, params: str, doomed: str) -> subprocess.CompletedProcess[str]:
    """A loop that is killed when the work of a step is done and its place is not yet kept."""
    command = [sys.executable, str(ROOT / "tests/loop/killed.py"), doomed, params]
    environment = project.environment | {"STILLROOM_SERVING_ADMIN_TOKEN": TOKEN}
    return subprocess.run(
        command, cwd=project.path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
def test_a_loop_killed_at_each_step_promotes_the_same_new_champion_once(shop: Project) -> None:
    before = champion(shop)
    write_orders(shop, DAYS, "concept")
    state = shop.path / "data/07_model_output/shop/loop.json"
    variables = {"BENTOML_HOME": os.environ["BENTOML_HOME"], "STILLROOM_SERVING_ADMIN_TOKEN": TOKEN}

    with served("stillroom_shop:latest", variables) as url, customers(url):
        canary = f"loop.canary.services=[{url}],loop.canary.share=0.5,loop.canary.requests=100"
        # What is tried here is the loop: how fast this machine answers is not, nor how alike two models must be.
        params = (
            f"{PARAMS},{canary},loop.canary.poll_seconds=0.2,loop.canary.latency_ms=60000,loop.canary.prediction_psi=9"
        )
        for step in STEPS:
            killed = loop(shop, params, step)
            assert killed.returncode == -signal.SIGKILL, killed.stdout[-2000:] + killed.stderr[-4000:]
            kept = json.loads(state.read_text())["step"] if state.exists() else "monitor"
            assert kept == step
        ended = loop(shop, params, "none")
        served_versions = httpx.get(f"{url}/admin/versions", headers={"authorization": f"Bearer {TOKEN}"}).json()

    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    after = champion(shop)
    assert after["before"] == [before["tag"]]
    outcomes = json.loads(state.read_text())["outcomes"]
    assert [(each["result"], each["champion"], each["challenger"]) for each in outcomes] == [
        ("promoted", after["tag"], after["tag"])
    ]
    why, gate, tried = outcomes[0]["reasons"][0], *outcomes[0]["reasons"][-2:]
    assert "quality was lost since" in why
    assert gate.startswith(f"The gate: better than {before['tag']} by more than noise (roc_auc +0.")
    assert tried == "The canary with 50% of the requests was as good as the version before it."
    assert served_versions["default"] == str(after["tag"]).partition(":")[2]
    assert served_versions["canary"] is None
    assert bento_of(shop) == after["tag"]


def bento_of(project: Project) -> str:
    """The tag of the model in the newest Bento."""
    folder = project.path / "bentoml/bentos/stillroom_shop"
    made = Path(folder / (folder / "latest").read_text() / "bento.yaml").read_text()
    return next(line.split("model: ")[1] for line in made.splitlines() if "  model: " in line)
