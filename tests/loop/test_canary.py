"""A new champion that does worse on live requests is withdrawn, in the service and in the project."""

import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import onnx
import pytest

from conftest import Project
from loop.customers import customers
from loop.shop import PARAMS, champion
from serving.served import served
from stillroom import cli
from stillroom.datasets.bento import Release, save_model
from stillroom.loop.state import State, write

TOKEN = "a token that nobody guesses"


@pytest.fixture
def running(shop: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The shop's service with its first champion, under load; the new champion is one that predicts otherwise."""
    monkeypatch.setenv("STILLROOM_SERVING_ADMIN_TOKEN", TOKEN)
    variables = {"BENTOML_HOME": os.environ["BENTOML_HOME"], "STILLROOM_SERVING_ADMIN_TOKEN": TOKEN}
    with served("stillroom_shop:latest", variables) as url, customers(url):
        yield url


def promoted(project: Project, tag: str) -> str:
    """Make a version champion, and put the loop where it would be then; returns the champion before it."""
    before = str(champion(project)["tag"])
    record = {"tag": tag, "before": [before]}
    (project.path / "data/06_models/shop/champion.json").write_text(json.dumps(record))
    state = State().then("place", champion=before, challenger=tag, reasons=["drift"])
    write(state, project.path / "data/07_model_output/shop/loop.json")
    return before


def reckless(project: Project) -> str:
    """The champion again, but with a quarter of its probabilities; the tag."""
    folder = project.path / "bentoml/models" / str(champion(project)["tag"]).replace(":", "/")
    model = onnx.load(folder / "model.onnx")
    name = model.graph.output[0].name
    last = next(node for node in model.graph.node if name in node.output)
    last.output[list(last.output).index(name)] = "whole"
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(0.25), "quarter"))
    model.graph.node.append(onnx.helper.make_node("Mul", ["whole", "quarter"], [name]))
    return save_model("stillroom_shop", Release(model.SerializeToString(), {"metrics": {}}, {"table": "shop"}))


def looped(project: Project, canary: str) -> tuple[dict[str, Any], str]:
    """The outcome of `kedro loop --once` in this process, and what it printed."""
    result = project.invoke(cli.loop, "--once", "--params", f"{PARAMS},loop.canary.poll_seconds=0.2,{canary}")
    assert result.exit_code == 0, result.output[-3000:]
    kept = json.loads((project.path / "data/07_model_output/shop/loop.json").read_text())
    return kept["outcomes"][-1], result.output


def versions(url: str) -> dict[str, Any]:
    return dict(httpx.get(f"{url}/admin/versions", headers={"authorization": f"Bearer {TOKEN}"}).json())


@pytest.mark.slow
def test_a_canary_that_predicts_otherwise_is_rolled_back_everywhere(shop: Project, running: str) -> None:
    tag = reckless(shop)
    before = promoted(shop, tag)

    settings = "loop.canary.share=0.5,loop.canary.requests=100,loop.canary.latency_ms=60000"
    outcome, _ = looped(shop, f"loop.canary.services=[{running}],{settings},loop.canary.prediction_psi=0.1")

    assert (outcome["result"], outcome["champion"], outcome["challenger"]) == ("rolled_back", before, tag)
    assert outcome["reasons"][0].startswith("The new version predicts otherwise than the one before it: PSI ")
    assert champion(shop) == {"tag": before, "before": []}
    number = before.partition(":")[2]
    found = versions(running)
    assert (found["default"], found["canary"], found["loaded"]) == (number, None, [number])


@pytest.mark.slow
def test_a_canary_that_nobody_asks_in_time_or_that_cannot_be_loaded_is_rolled_back(shop: Project, running: str) -> None:
    tag = reckless(shop)
    before = promoted(shop, tag)
    rare = "loop.canary.requests=1000000,loop.canary.patience_seconds=0.1"
    in_vain, _ = looped(shop, f"loop.canary.services=[{running}],{rare}")
    after_that = champion(shop)

    (shop.path / "bentoml/models" / tag.replace(":", "/") / "model.onnx").write_bytes(b"something else")
    promoted(shop, tag)
    unread, printed = looped(shop, f"loop.canary.services=[{running}]")

    assert in_vain["result"] == unread["result"] == "rolled_back"
    assert "Within 0.1 s the new version answered" in in_vain["reasons"][0]
    assert f"version {tag.partition(':')[2]} was not loaded" in unread["reasons"][0]
    assert "rolled back; the champion is " in printed
    assert after_that == champion(shop) == {"tag": before, "before": []}
    assert versions(running)["canary"] is None
