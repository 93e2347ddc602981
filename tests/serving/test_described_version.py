"""The OpenAPI page after a version with other columns has taken over."""

from pathlib import Path

import httpx
import pytest

from serving import onnx_models
from serving.conftest import Built
from serving.model_store import NAME
from serving.served import served
from stillroom.datasets.bento import Release, save_model
from stillroom.serving.model import Model
from stillroom.serving.parity import record

TOKEN = "a token that nobody guesses"


def described(url: str) -> tuple[list[str], str]:
    """The columns of a row, and what is said of the operation."""
    operation = httpx.get(f"{url}/docs.json").json()["paths"]["/predict"]["post"]
    rows, _ = operation["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    return list(rows["properties"]["rows"]["items"]["properties"]), operation["description"]


@pytest.mark.slow
def test_the_openapi_page_describes_the_default_version(flights: Built, tmp_path: Path) -> None:
    onnx = onnx_models.regression()
    other = save_model(NAME, Release(onnx, parity=record(Model(onnx), [{"hour": 7}, {"hour": 9}])))
    variables = {"BENTOML_HOME": str(flights.home), "STILLROOM_SERVING_ADMIN_TOKEN": TOKEN}
    with served(flights.bento, variables) as url:
        before, said_before = described(url)
        wanted = {"version": other.partition(":")[2], "default": True}
        loaded = httpx.post(
            f"{url}/admin/versions/load", json=wanted, headers={"authorization": f"Bearer {TOKEN}"}, timeout=60
        )
        after, said_after = described(url)

    assert loaded.status_code == 200
    assert before == ["distance", "hour", "carrier", "origin"]
    assert after == ["distance", "hour"]
    assert flights.model in said_before
    assert other in said_after
