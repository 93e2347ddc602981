"""A Bento of a signed model, served in processes of its own: only that model, and only if its signature fits."""

from pathlib import Path

import httpx
import pytest

from serving import onnx_models
from serving.served import served
from stillroom.datasets.bento import Release, build_bento, save_model
from stillroom.integrity.keys import make_keys
from stillroom.integrity.settings import SigningConfig

PROJECT = Path(__file__).parents[2]
KEY = "STILLROOM_SERVING_PUBLIC_KEY"


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SigningConfig:
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    private, public = make_keys(tmp_path / "keys")
    return SigningConfig(required=True, private_key=private, public_key=public)


@pytest.mark.slow
def test_a_signed_model_is_served_and_refused_without_its_key_or_with_one_bit_changed(
    tmp_path: Path, signing: SigningConfig
) -> None:
    model = save_model("stillroom_flights", Release(onnx_models.binary()), signing)
    bento = build_bento(model, "stillroom_flights", PROJECT, signing)
    key = {KEY: str(signing.public_key)}

    with served(bento, key) as url:
        assert httpx.post(f"{url}/predict", json={"rows": [{}]}).json()["model"] == model

    others = {KEY: str(make_keys(tmp_path / "others")[1])}
    for variables, sentence in (
        ({}, rf"\n{model} must be verified: set {KEY} to the path of the public key\n$"),
        (others, r"\n\S+model\.sig was signed with another private key than the public key's\n$"),
    ):
        with pytest.raises(RuntimeError, match=sentence), served(bento, variables):
            pass

    file = tmp_path / "bentoml/models" / model.replace(":", "/") / "model.onnx"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with (
        pytest.raises(RuntimeError, match=r"\n\S+model\.onnx is not the file that was saved: [^\n]+\n$"),
        served(bento, key),
    ):
        pass


@pytest.mark.slow
def test_another_model_in_the_place_of_a_bento_s_own_is_refused_without_any_key(
    tmp_path: Path, signing: SigningConfig
) -> None:
    model, other = (save_model("stillroom_flights", Release(onnx)) for onnx in (onnx_models.binary(), b"other"))
    bento = build_bento(model, "stillroom_flights", PROJECT)
    store = tmp_path / "bentoml/models"
    for name in ("model.onnx", "model.yaml"):
        content = (store / other.replace(":", "/") / name).read_bytes()
        old, new = (tag.partition(":")[2].encode() for tag in (other, model))
        (store / model.replace(":", "/") / name).write_bytes(content.replace(old, new))

    with pytest.raises(RuntimeError, match=r"model\.onnx is not the file that was saved"), served(bento):
        pass
