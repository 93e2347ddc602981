"""The quickstart, from its first line to its last, as a newcomer would type it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import blocks

from ports import free_port

NOT_HERE = ("make setup", "source .venv")


@pytest.mark.slow
def test_the_quickstart_ends_with_a_model_of_one_s_own_table(project) -> None:
    script = "\n".join(block.text for block in blocks("bash") if block.page == "docs/quickstart.md")
    lines = [line for line in script.splitlines() if not line.startswith(NOT_HERE)]
    port = str(free_port())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-em", "-c", "\n".join(lines).replace("localhost:3000", f"127.0.0.1:{port}")],
        cwd=project.path, env=project.environment | {"PATH": path, "BENTOML_PORT": port},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"classes":["0","1","2"]' in done.stdout
    assert list((project.path / "bentoml/bentos/stillroom_bottles").glob("*/bento.yaml"))
