"""BentoML's stores as the pipelines use them; Bentos that are served are tested in tests/serving."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import bentoml
import pytest
from bentoml._internal.models import ModelStore
from kedro.io import DatasetError

from stillroom.datasets.bento import (
    BentoDataset,
    BentoModelDataset,
    Release,
    build_bento,
    list_bentos,
    list_models,
    save_model,
)
from stillroom.integrity.digests import sha256
from stillroom.integrity.keys import make_keys, read_public_key
from stillroom.integrity.signing import verify

PROJECT = Path(__file__).parents[2]
RELEASE = Release(b"onnx bytes", {"metrics": {"roc_auc": 0.7}, "classes": ["a", "b"]}, {"table": "flights"})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    return tmp_path / "bentoml"


def test_a_saved_model_is_loaded_with_what_is_known_of_it() -> None:
    dataset = BentoModelDataset(name="stillroom_flights")
    assert not dataset.exists()

    dataset.save(RELEASE)

    loaded = BentoModelDataset(name="stillroom_flights").load()
    assert dataset.exists()
    assert (loaded.onnx, loaded.metadata) == (RELEASE.onnx, RELEASE.metadata)
    assert loaded.labels["table"] == "flights"
    assert re.fullmatch(r"stillroom_flights:[a-z0-9]+", loaded.tag)


def test_bentoml_finds_the_newest_version_too(home: Path) -> None:
    save_model("stillroom_flights", RELEASE)
    newest = save_model("stillroom_flights", Release(b"newer"))

    model = bentoml.models.get("stillroom_flights:latest", _model_store=ModelStore(home / "models"))

    assert str(model.tag) == newest
    assert Path(model.path_of("model.onnx")).read_bytes() == b"newer"


def test_the_newest_or_the_given_or_the_saved_version_is_loaded() -> None:
    first = save_model("stillroom_flights", Release(b"first"))
    ours = BentoModelDataset(name="stillroom_flights")
    ours.save(Release(b"second"))
    save_model("stillroom_flights", Release(b"third"))

    assert BentoModelDataset(name="stillroom_flights").load().onnx == b"third"
    assert BentoModelDataset(name="stillroom_flights", version=first.partition(":")[2]).load().onnx == b"first"
    assert ours.load().onnx == b"second"


def test_models_are_listed_newest_first() -> None:
    tags = [save_model("stillroom_flights", Release(text.encode())) for text in "abc"]
    save_model("stillroom_wine", RELEASE)
    assert [str(model.tag) for model in list_models("stillroom_flights")] == tags[::-1]


def test_a_missing_model_or_bento_is_said_in_one_sentence() -> None:
    save_model("stillroom_flights", RELEASE)

    for dataset in (
        BentoModelDataset(name="stillroom_flights", version="v9"),
        BentoModelDataset(name="stillroom_wine"),
    ):
        assert not dataset.exists()
        with pytest.raises(DatasetError, match="no model stillroom_"):
            dataset.load()
    assert not BentoDataset(name="stillroom_flights").exists()
    with pytest.raises(DatasetError, match="no Bento stillroom_flights"):
        BentoDataset(name="stillroom_flights").load()


def test_a_changed_file_is_not_taken_for_the_saved_model(home: Path) -> None:
    save_model("stillroom_flights", RELEASE)
    (file,) = home.glob("models/stillroom_flights/*/model.onnx")
    file.write_bytes(RELEASE.onnx[:-1])
    told = f"{file} is not the file that was saved: its SHA-256 is {sha256(RELEASE.onnx[:-1])}, expected "

    with pytest.raises(DatasetError, match=f"^{told}{sha256(RELEASE.onnx)}$"):
        BentoModelDataset(name="stillroom_flights").load()
    with pytest.raises(DatasetError, match=told):
        BentoDataset(name="stillroom_flights").save(f"stillroom_flights:{file.parent.name}")


@pytest.fixture
def required(tmp_path: Path) -> dict[str, object]:
    private, public = make_keys(tmp_path / "keys")
    return {"required": True, "private_key": private, "public_key": public}


def test_a_model_is_signed_where_there_is_a_key(home: Path, required: dict[str, object]) -> None:
    dataset = BentoModelDataset(name="stillroom_flights", signing=required)
    dataset.save(RELEASE)

    (file,) = home.glob("models/stillroom_flights/*/model.sig")
    assert verify(file.parent, read_public_key(Path(str(required["public_key"])))).keys() == {
        "model.onnx",
        "model.yaml",
    }
    assert dataset.load().onnx == RELEASE.onnx


def test_metadata_that_was_changed_after_signing_is_refused(home: Path, required: dict[str, object]) -> None:
    dataset = BentoModelDataset(name="stillroom_flights", signing=required)
    dataset.save(RELEASE)
    (card,) = home.glob("models/stillroom_flights/*/model.yaml")
    card.write_text(card.read_text().replace("roc_auc: 0.7", "roc_auc: 0.9"))

    with pytest.raises(DatasetError, match=r"model\.yaml is not the file that was signed"):
        dataset.load()


def test_an_unsigned_model_is_neither_loaded_nor_packed_where_signatures_are_required(
    home: Path, required: dict[str, object]
) -> None:
    tag = save_model("stillroom_flights", RELEASE)

    with pytest.raises(DatasetError, match=r"is not signed: it holds no model\.sig"):
        BentoModelDataset(name="stillroom_flights", signing=required).load()
    with pytest.raises(DatasetError, match=r"is not signed"):
        BentoDataset(name="stillroom_flights", signing=required).save(tag)
    optional = BentoModelDataset(name="stillroom_flights", signing={**required, "required": False})
    assert optional.load().tag == tag


def test_another_s_signature_is_refused_even_where_none_is_required(
    tmp_path: Path, home: Path, required: dict[str, object]
) -> None:
    private, public = make_keys(tmp_path / "others")
    BentoModelDataset(name="stillroom_flights", signing={"private_key": private, "public_key": public}).save(RELEASE)

    with pytest.raises(DatasetError, match="was signed with another private key"):
        BentoModelDataset(name="stillroom_flights", signing={**required, "required": False}).load()


def test_a_key_that_was_lost_leaves_no_half_saved_model(home: Path, required: dict[str, object]) -> None:
    dataset = BentoModelDataset(name="stillroom_flights", signing=required)
    Path(str(required["private_key"])).unlink()

    with pytest.raises(DatasetError, match=r"private\.pem cannot be read"):
        dataset.save(RELEASE)
    assert list_models("stillroom_flights") == []


def test_a_half_copy_left_by_another_program_is_passed_over(home: Path) -> None:
    tag = save_model("stillroom_flights", RELEASE)
    half = home / "models" / "stillroom_flights" / "half"
    half.mkdir()
    (half / "model.onnx").write_bytes(b"onnx")

    assert [str(model.tag) for model in list_models("stillroom_flights")] == [tag]


KILLED_WHILE_SAVING = """
import os, pathlib, shutil, signal
from stillroom.datasets.bento import Release, save_model

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

{where} = die
save_model("stillroom_flights", Release(b"newer" * 1000))
"""


@pytest.mark.parametrize("where", ["pathlib.Path.write_bytes", "shutil.copystat", "pathlib.Path.rename"])
def test_a_model_whose_saving_was_killed_is_not_there(home: Path, where: str) -> None:
    tag = save_model("stillroom_flights", RELEASE)
    script = KILLED_WHILE_SAVING.format(where=where)

    killed = subprocess.run([sys.executable, "-c", script], env=environment(), check=False, timeout=120)

    assert killed.returncode == -signal.SIGKILL
    assert [str(model.tag) for model in list_models("stillroom_flights")] == [tag]
    assert BentoModelDataset(name="stillroom_flights").load().tag == tag
    again = save_model("stillroom_flights", Release(b"newer"))
    assert BentoModelDataset(name="stillroom_flights").load().tag == again


def test_a_model_killed_just_after_it_was_put_in_place_is_whole(home: Path) -> None:
    script = KILLED_WHILE_SAVING.format(where="pathlib.Path.replace")

    killed = subprocess.run([sys.executable, "-c", script], env=environment(), check=False, timeout=120)

    assert killed.returncode == -signal.SIGKILL
    assert BentoModelDataset(name="stillroom_flights").load().onnx == b"newer" * 1000
    assert bentoml.models.get("stillroom_flights:latest", _model_store=ModelStore(home / "models")).tag.version


@pytest.mark.slow
def test_a_bento_that_cannot_be_built_leaves_none_behind(home: Path) -> None:
    tag = save_model("stillroom_flights", RELEASE)

    with pytest.raises(RuntimeError, match=rf"the Bento stillroom_flights of model {tag} could not"):
        build_bento(tag, "stillroom_flights", PROJECT)

    assert list_bentos("stillroom_flights") == []
    assert not (home / "bentos" / "stillroom_flights").exists()
    assert list((home / "tmp").iterdir()) == []


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
