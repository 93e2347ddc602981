"""A loop that goes round until it is stopped, and a second one beside it."""

import json
import subprocess
import sys
import time

import pytest

from conftest import Project
from loop.shop import PARAMS
from stillroom import cli


@pytest.mark.slow
def test_rounds_follow_one_another_and_a_second_loop_is_refused_meanwhile(shop: Project) -> None:
    state = shop.path / "data/07_model_output/shop/loop.json"
    command = [sys.executable, "-m", "kedro", "loop", "--every", "1", "--params", PARAMS]
    first = subprocess.Popen(
        command, cwd=shop.path, env=shop.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 300
        while not state.exists() or len(json.loads(state.read_text())["outcomes"]) < 2:
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        # Between two rounds nobody holds the lock: the second may get a round in.
        tried = (shop.invoke(cli.loop, "--once", "--params", PARAMS) for _ in range(10))
        refused = next(result for result in tried if result.exit_code != 0)
    finally:
        first.kill()
        first.wait()

    assert f"another loop is at work (process {first.pid}, " in refused.output
    outcomes = json.loads(state.read_text())["outcomes"]
    assert {each["result"] for each in outcomes} == {"healthy"}
    assert outcomes[0]["reasons"] == ["No row has come since the champion was made."]
