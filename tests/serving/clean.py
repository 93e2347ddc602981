"""Serve a Bento elsewhere: exported, imported, and run from an environment with nothing but its own requirements."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving.served import served

BUILDER_ONLY = ["torch", "pytorch_lightning", "kedro", "pandas", "polars"]


@contextmanager
def serve_from_clean_environment(bento: str, home: Path, folder: Path) -> Iterator[str]:
    """Yield the base URL of a Bento of the store `home`, served from a new environment in `folder`.

    Asserts that what only the builder needs cannot be imported there.
    """
    exported, python = folder / "exported.bento", folder / "venv" / "bin" / "python"
    name, _, version = bento.partition(":")
    requirements = home / "bentos" / name / version / "env" / "python" / "requirements.txt"
    there = {"BENTOML_HOME": str(folder / "elsewhere"), "BENTOML_DO_NOT_TRACK": "True"}
    run(sys.executable, "-m", "bentoml", "export", bento, str(exported), env={**there, "BENTOML_HOME": str(home)})
    run(sys.executable, "-m", "venv", str(folder / "venv"))
    run(str(python), "-m", "pip", "install", "--quiet", "--requirement", str(requirements))
    run(str(python), "-m", "bentoml", "import", str(exported), env=there)
    find = f"from importlib.util import find_spec; print([m for m in {BUILDER_ONLY} if find_spec(m)])"
    assert run(str(python), "-c", find) == "[]\n"
    assert run(str(python), "-m", "pip", "check") == "No broken requirements found.\n"
    with served(bento, {**there, "PYTHONPATH": ""}, python) as url:
        yield url


def run(*command: str, env: dict[str, str] | None = None) -> str:
    """Run a command with PYTHONPATH empty and return what it printed; fails with what it complained of."""
    environment = {**os.environ, "PYTHONPATH": "", **(env or {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
