from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from serving import onnx_models
from serving.model_store import NAME, ROWS, flip, model_store, released
from stillroom.datasets.bento import Release, load_model, save_model
from stillroom.integrity.digests import IntegrityError
from stillroom.integrity.keys import make_keys
from stillroom.integrity.settings import SigningConfig
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Model
from stillroom.serving.parity import record
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.store import VersionStore

CONFIG = ServiceConfig(batching="off")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with model_store(tmp_path / "bentoml") as versions:
        yield versions


@pytest.fixture
def signing(tmp_path: Path) -> SigningConfig:
    private, public = make_keys(tmp_path / "keys")
    return SigningConfig(required=True, private_key=private, public_key=public)


def test_a_released_version_is_loaded_and_predicts_as_it_did(folder: Path) -> None:
    own, other = released(1), released(2)

    version = VersionStore(f"{NAME}:{own}", CONFIG).load(other)

    (piece,) = version.reader.rows(ROWS)
    np.testing.assert_array_equal(version.model.predict(piece), Model(onnx_models.binary(2)).predict(piece))
    assert (version.name, version.number) == (NAME, other)


def test_the_newest_is_found_by_name_but_a_version_only_in_full(folder: Path) -> None:
    number = released(1)
    store = VersionStore(f"{NAME}:latest", CONFIG)

    assert store.own == number
    for wrong in ("latest", number[:-1], "v9", "../../etc"):
        with pytest.raises(RefusedError, match=f"^version {wrong} of {NAME} is not in the model store") as refused:
            store.load(wrong)
        assert refused.value.status == 404


@pytest.mark.parametrize("file", ["model.onnx", "parity.json"])
def test_a_changed_file_is_refused(folder: Path, file: str) -> None:
    own, other = released(1), released(2)
    flip(folder / other / file)

    with pytest.raises(
        RefusedError, match=rf"^version {other} was not loaded: \S+{file} is not the file that was saved"
    ):
        VersionStore(f"{NAME}:{own}", CONFIG).load(other)


def test_a_model_that_does_not_repeat_its_record_is_refused(folder: Path) -> None:
    own = released(1)
    wrong = Release(onnx_models.binary(2), parity=record(Model(onnx_models.binary(3)), ROWS))
    other = save_model(NAME, wrong).partition(":")[2]

    with pytest.raises(RefusedError, match=f"^version {other} was not loaded: it differs from its recorded") as refused:
        VersionStore(f"{NAME}:{own}", CONFIG).load(other)
    assert refused.value.status == 422


def test_what_is_no_model_is_refused_in_one_sentence(folder: Path) -> None:
    own, other = released(1), save_model(NAME, Release(b"no onnx")).partition(":")[2]

    with pytest.raises(RefusedError, match=f"^version {other} was not loaded: [^\n]+$"):
        VersionStore(f"{NAME}:{own}", CONFIG).load(other)


def test_the_services_own_version_answers_to_what_the_service_knows_of_it(folder: Path) -> None:
    own = released(1)

    with pytest.raises(IntegrityError, match=r"model\.onnx is not the file that was saved"):
        VersionStore(f"{NAME}:{own}", CONFIG, sha256="0" * 64).read(own)


def test_where_signatures_are_required_every_version_is_verified(folder: Path, signing: SigningConfig) -> None:
    own, signed, unsigned = released(1, signing), released(2, signing), released(3)
    key = CONFIG.model_copy(update={"public_key": signing.public_key})
    store = VersionStore(f"{NAME}:{own}", key, signed=True)

    assert store.load(signed).number == signed
    with pytest.raises(RefusedError, match=r"is not signed: it holds no model\.sig"):
        store.load(unsigned)
    with pytest.raises(RefusedError, match="must be verified: set STILLROOM_SERVING_PUBLIC_KEY"):
        VersionStore(f"{NAME}:{own}", CONFIG, signed=True).load(signed)
    (folder / signed / "parity.json").unlink()
    with pytest.raises(RefusedError, match=r"was not loaded"):
        store.load(signed)


def test_the_sample_is_part_of_what_a_release_reads_back(folder: Path) -> None:
    number = released(1)

    assert load_model(NAME, number).parity == record(Model(onnx_models.binary(1)), ROWS)
    flip(folder / number / "parity.json")
    with pytest.raises(IntegrityError, match=r"parity\.json is not the file that was saved"):
        load_model(NAME, number)
