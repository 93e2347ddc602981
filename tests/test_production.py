"""`--env production`: every model is signed, and nothing runs without the keys or on an unsigned champion."""

import json
from pathlib import Path

import pytest

from stillroom import cli

PRODUCTION = ("--env", "production", "--params", "table=wine,experiment=quick,trainer.progress=false")


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's keys lie, once they are made."""
    folder = tmp_path / "keys"
    monkeypatch.setenv("STILLROOM_PRIVATE_KEY", str(folder / "private.pem"))
    monkeypatch.setenv("STILLROOM_PUBLIC_KEY", str(folder / "public.pem"))
    return folder


def told(answer) -> str:
    assert answer.exit_code == 1, answer.output
    return answer.output.splitlines()[-1]


def test_without_a_key_the_run_ends_before_the_first_node(project, keys: Path) -> None:
    answer = project.run(*PRODUCTION)

    assert told(answer) == (
        f"Error: the private key {keys}/private.pem cannot be read (No such file or directory): "
        "`kedro keys` makes a pair"
    )
    assert not (project.path / "data/03_primary").exists()


@pytest.mark.slow
def test_with_keys_a_signed_model_goes_the_whole_way(project, keys: Path) -> None:
    project.invoke(cli.keys, str(keys))
    answer = project.run(*PRODUCTION)

    assert answer.exit_code == 0, answer.output
    name, version = json.loads((project.path / "data/06_models/wine/champion.json").read_text())["tag"].split(":")
    folder = project.path / "bentoml/models" / name / version
    assert sorted(path.name for path in folder.iterdir()) == ["model.onnx", "model.sig", "model.yaml", "parity.json"]
    told_last = (project.path / "data/08_reporting/wine/summary.txt").read_text()
    assert f"STILLROOM_SERVING_PUBLIC_KEY={keys}/public.pem " in told_last
    listed = project.invoke(cli.models, "--env", "production", "--params", "table=wine").output
    assert f"{name}:{version}  champion  verified" in listed

    primary = (project.path / "data/03_primary/wine/training_table.parquet").stat().st_mtime_ns
    (folder / "model.sig").unlink()
    assert "champion.json names the champion" in (unsigned := told(project.run(*PRODUCTION)))
    assert "is not signed: it holds no model.sig" in unsigned
    assert (project.path / "data/03_primary/wine/training_table.parquet").stat().st_mtime_ns == primary
