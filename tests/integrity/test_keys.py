"""Key pairs: made once, never overwritten, and told apart from what is none."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from integrity.conftest import Pair
from stillroom.integrity.digests import IntegrityError
from stillroom.integrity.keys import check_pair, make_keys, read_private_key, read_public_key


def test_the_private_key_is_its_owner_s_alone(tmp_path: Path) -> None:
    private, public = make_keys(tmp_path / "new/keys")

    assert (private.name, public.name) == ("private.pem", "public.pem")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert read_private_key(private).public_key() == read_public_key(public)
    assert read_private_key(private).curve.name == "secp256r1"


@pytest.mark.parametrize("there", ["private.pem", "public.pem"])
def test_a_key_is_never_overwritten(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("precious")

    with pytest.raises(IntegrityError, match=f"{there} is there already"):
        make_keys(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "precious"


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----\n",
        pem(ed25519.Ed25519PrivateKey.generate()),
        pem(ec.generate_private_key(ec.SECP256K1())),
        pem(ec.generate_private_key(ec.SECP256R1()), password=b"secret"),
    ],
)
def test_what_is_no_usable_key_is_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(content)

    with pytest.raises(IntegrityError, match=r"key\.pem is no private key that can be used: .* `kedro keys`"):
        read_private_key(file)
    with pytest.raises(IntegrityError, match=r"key\.pem is no public key that can be used"):
        read_public_key(file)


def test_a_key_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match=r"the private key .*gone\.pem cannot be read \(No such file"):
        read_private_key(tmp_path / "gone.pem")


def test_two_halves_of_different_pairs_are_refused(pair: Pair, other: Pair) -> None:
    check_pair(pair.private, pair.public)

    with pytest.raises(IntegrityError, match=r"public\.pem is not the public key of .*private\.pem"):
        check_pair(pair.private, other.public)
