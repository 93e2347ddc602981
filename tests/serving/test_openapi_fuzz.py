"""Schemathesis asks a served Bento what its own description says, and what it does not say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from serving.conftest import Built
from serving.served import served


@pytest.mark.slow
def test_no_request_that_the_description_leads_to_makes_the_service_fail(flights: Built, tmp_path: Path) -> None:
    schemathesis = Path(sys.executable).with_name("schemathesis")
    with served(flights.bento, env={"BENTOML_HOME": str(flights.home)}) as url:
        options = ["--checks", "not_a_server_error", "--max-examples", "10", "--seed", "7", "--no-color"]
        done = subprocess.run(
            [schemathesis, "run", f"{url}/docs.json", *options],
            capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path, env=os.environ,
        )  # fmt: skip

    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"Tested: [1-9]", done.stdout) or re.search(r"[1-9]\d* passed", done.stdout)
