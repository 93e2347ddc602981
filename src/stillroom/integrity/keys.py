"""Key pairs on an elliptic curve, as PEM files."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from stillroom.integrity.digests import IntegrityError

PRIVATE, PUBLIC = "private.pem", "public.pem"
HASHES: dict[str, hashes.HashAlgorithm] = {
    "secp256r1": hashes.SHA256(),
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}


def make_keys(folder: Path) -> tuple[Path, Path]:
    """Make a pair on P-256: private.pem, which its owner alone can read, and public.pem.

    Raises IntegrityError where either is there already: without its private key nothing can be signed anew.
    """
    private, public = folder / PRIVATE, folder / PUBLIC
    for path in (private, public):
        if path.exists():
            raise IntegrityError(f"{path} is there already: name another folder, keys are never overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    _write_new(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    _write_new(public, public_pem(key.public_key()), mode=0o644)
    return private, public


def read_private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read a private key without a password; raises IntegrityError."""
    pem = _read(path, "private")
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unusable(path, "private") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name not in HASHES:
        raise _unusable(path, "private")
    return key


def read_public_key(path: Path) -> ec.EllipticCurvePublicKey:
    """Read a public key; raises IntegrityError."""
    pem = _read(path, "public")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unusable(path, "public") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in HASHES:
        raise _unusable(path, "public")
    return key


def check_pair(private: Path | None, public: Path | None) -> None:
    """Whether two files, where they are named, are one pair; raises IntegrityError."""
    if private and public and read_private_key(private).public_key() != read_public_key(public):
        raise IntegrityError(f"{public} is not the public key of {private}: name the two that were made together")


def public_pem(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)


def _read(path: Path, kind: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise IntegrityError(
            f"the {kind} key {path} cannot be read ({error.strerror}): `kedro keys` makes a pair"
        ) from error


def _unusable(path: Path, kind: str) -> IntegrityError:
    return IntegrityError(
        f"{path} is no {kind} key that can be used: it must be a PEM file, on the curve P-256, P-384 or P-521, without "
        "a password, as `kedro keys` makes"
    )
