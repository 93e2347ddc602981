"""A folder that was signed is accepted as it was, and refused in every other state."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from integrity import folders
from integrity.conftest import Pair
from stillroom.integrity.digests import IntegrityError, sha256
from stillroom.integrity.keys import read_private_key, read_public_key
from stillroom.integrity.model import read_verified
from stillroom.integrity.signing import sign, verify


@pytest.fixture
def signed(tmp_path: Path, pair: Pair) -> Path:
    folder = folders.unsigned(tmp_path / "model")
    sign(folder, read_private_key(pair.private))
    return folder


def test_a_signature_vouches_for_the_sha_256_of_each_file(signed: Path, pair: Pair) -> None:
    files = ("model.onnx", "model.yaml")
    assert verify(signed, read_public_key(pair.public)) == {
        name: sha256((signed / name).read_bytes()) for name in files
    }


REFUSED = {
    "a byte of the model": r"model\.onnx is not the file that was signed: its SHA-256 is \w{64}, the signed one \w{64}",
    "a byte of the card": r"model\.yaml is not the file that was signed",
    "a byte of the signature": r"model\.sig was changed since it was signed",
    "a byte of the signed list": r"model\.sig was changed since it was signed",
    "a byte of the key's name": r"model\.sig was signed with another private key",
    "model and list": r"model\.sig was changed since it was signed",
    "no signature": r"model is not signed: it holds no model\.sig",
    "half a signature": r"model\.sig holds no signature of a model",
    "no model": r"model\.onnx is not the file that was signed: its SHA-256 is none",
    "one more file": r"custom_objects\.pkl is not the file that was signed: .*, the signed one none",
}


@pytest.mark.parametrize("damage", folders.DAMAGE)
def test_a_damaged_folder_is_refused_in_one_sentence(signed: Path, pair: Pair, damage: str) -> None:
    folders.DAMAGE[damage](signed)

    with pytest.raises(IntegrityError, match=REFUSED[damage]):
        verify(signed, read_public_key(pair.public))


def test_another_s_key_is_refused(signed: Path, other: Pair) -> None:
    with pytest.raises(IntegrityError, match="signed with another private key"):
        verify(signed, read_public_key(other.public))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_every_curve_of_model_signing_s_signs(tmp_path: Path, curve: ec.EllipticCurve) -> None:
    key, folder = ec.generate_private_key(curve), folders.unsigned(tmp_path / "model")
    sign(folder, key)

    assert len(verify(folder, key.public_key())) == 2


def test_a_changed_bit_anywhere_in_the_model_is_found_without_a_key_too(signed: Path) -> None:
    recorded = sha256((signed / "model.onnx").read_bytes())
    for position in (0, 1000, 2047):
        folders.one_bit(signed / "model.onnx", position)

        with pytest.raises(
            IntegrityError, match=rf"model\.onnx is not the file that was saved: .* expected {recorded}"
        ):
            read_verified(signed, recorded)

        folders.one_bit(signed / "model.onnx", position)
    assert len(read_verified(signed, recorded)) == 2048


def test_with_a_key_a_model_must_be_signed_too(signed: Path, pair: Pair) -> None:
    recorded = sha256((signed / "model.onnx").read_bytes())
    assert read_verified(signed, recorded, pair.public) == (signed / "model.onnx").read_bytes()
    (signed / "model.sig").unlink()

    with pytest.raises(IntegrityError, match="is not signed"):
        read_verified(signed, recorded, pair.public)
