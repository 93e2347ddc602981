"""A Bento installed and started as its container would be."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from serving.conftest import Built
from serving.container import Image, Running, image, started
from serving.sizes import megabytes, resident_megabytes
from serving.test_service import ROWS, expected

BUILDER_ONLY = ["torch", "pytorch_lightning", "kedro", "pandas", "polars", "pyarrow", "lightgbm", "sklearn"]
# By a table without pictures and a model without a signature.
NOT_NEEDED = ["PIL", "cryptography", "watchfiles", "tzdata"]


@pytest.fixture(scope="module")
def built(flights: Built) -> Iterator[Image]:
    with image(flights.bento, flights.home) as found:
        yield found


@pytest.fixture(scope="module")
def running(built: Image) -> Iterator[Running]:
    with started(built, STILLROOM_SERVING_DRAIN_SECONDS="0") as found:
        yield found


@pytest.mark.slow
def test_its_environment_is_small_and_holds_nothing_that_only_builders_need(built: Image) -> None:
    find = f"from importlib.util import find_spec; print([m for m in {BUILDER_ONLY + NOT_NEEDED} if find_spec(m)])"

    assert built.run(str(built.environment / "bin/python"), "-c", find).stdout == "[]\n"
    assert megabytes(built.environment) <= 320


@pytest.mark.slow
def test_it_predicts_as_the_model_does(running: Running, flights: Built) -> None:
    for route in ("predict", "score"):
        answer = httpx.post(f"{running.url}/{route}", json={"rows": ROWS})

        np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(flights.onnx))


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/docs.json", "/metrics", "/healthz", "/livez", "/readyz"])
def test_it_keeps_bentomls_pages_without_what_was_left_out(running: Running, path: str) -> None:
    assert httpx.get(f"{running.url}{path}").status_code == 200


@pytest.mark.slow
def test_none_of_its_processes_is_root_or_may_write_the_bento(built: Image, running: Running) -> None:
    users = [Path(f"/proc/{pid}").stat().st_uid for pid in running.processes]
    writable = built.run("find", str(built.bento), "-writable")

    assert users == [built.user] * len(users)
    assert len(users) >= 2
    assert 0 not in users
    assert (writable.stdout, writable.returncode) == ("", 0)


@pytest.mark.slow
def test_a_worker_keeps_within_its_memory(running: Running) -> None:
    for _ in range(200):
        httpx.post(f"{running.url}/predict", json={"rows": ROWS})

    assert max(map(resident_megabytes, running.processes)) <= 250


@pytest.mark.slow
def test_it_writes_profiles_where_it_is_told_to(built: Image) -> None:
    profiles = built.root / "home/bentoml/profiles"
    with started(built, STILLROOM_SERVING_DRAIN_SECONDS="0", STILLROOM_SERVING_PROFILE_DIR=str(profiles)) as running:
        httpx.post(f"{running.url}/predict", json={"rows": ROWS})

    assert len(list(profiles.glob("*.bin"))) == 1


@pytest.mark.slow
def test_it_serves_as_sagemaker_runs_it(built: Image, flights: Built) -> None:
    with started(built, "serve", STILLROOM_SERVING_DRAIN_SECONDS="0") as running:
        ping = httpx.get(f"{running.url}/ping")
        answer = httpx.post(f"{running.url}/invocations", json={"instances": ROWS})

    assert ping.status_code == 200
    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(flights.onnx))
