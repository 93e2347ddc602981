"""Signatures over a folder of files, as OpenSSF Model Signing 1.0 defines them.

A signature is a Sigstore bundle: a DSSE envelope around an in-toto statement that lists every file's SHA-256. So
`model_signing verify key` accepts what is signed here, and what `model_signing sign key` signs is accepted here.

Sources: https://github.com/ossf/model-signing-spec; https://github.com/secure-systems-lab/dsse.
"""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from stillroom.integrity.digests import IntegrityError, sha256
from stillroom.integrity.keys import HASHES, public_pem

SIGNATURE_FILE = "model.sig"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
WAY = {"method": "files", "hash_type": "sha256"}


def sign(folder: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Sign the files of a folder: writes model.sig into it."""
    payload = json.dumps(_statement(folder)).encode()
    made = key.sign(_authenticated(payload), ec.ECDSA(HASHES[key.curve.name]))
    hint = sha256(public_pem(key.public_key()))
    bundle = {
        "mediaType": BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": hint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": b64encode(payload).decode(),
            "payloadType": PAYLOAD,
            "signatures": [{"sig": b64encode(made).decode(), "keyid": ""}],
        },
    }
    (folder / SIGNATURE_FILE).write_text(json.dumps(bundle))


def verify(folder: Path, key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The files that were signed with the key's other half, and the SHA-256 of each.

    Raises IntegrityError naming what is wrong: there is no signature, it is another key's or was changed, or a file
    was changed, added or taken away since.
    """
    payload = _signed_payload(folder / SIGNATURE_FILE, key)
    signed = _listed(folder / SIGNATURE_FILE, json.loads(payload))
    found = _digests(folder)
    for name in sorted(signed.keys() | found.keys()):
        if signed.get(name) != found.get(name):
            told = f"its SHA-256 is {found.get(name, 'none')}, the signed one {signed.get(name, 'none')}"
            raise IntegrityError(f"{folder / name} is not the file that was signed: {told}")
    return signed


def _signed_payload(file: Path, key: ec.EllipticCurvePublicKey) -> bytes:
    """The payload of a bundle whose signature is the key's."""
    if not file.is_file():
        raise IntegrityError(f"{file.parent} is not signed: it holds no {file.name}")
    try:
        bundle = json.loads(file.read_bytes())
        hint, envelope = bundle["verificationMaterial"]["publicKey"]["hint"], bundle["dsseEnvelope"]
        kinds = (bundle["mediaType"], envelope["payloadType"])
        payload = b64decode(envelope["payload"], validate=True)
        made = b64decode(envelope["signatures"][0]["sig"], validate=True)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise IntegrityError(
            f"{file} holds no signature of a model ({error!r}): it was changed or cut short"
        ) from error
    if kinds != (BUNDLE, PAYLOAD):
        raise IntegrityError(f"{file} holds no signature of a model, but {kinds}: it was changed, or is another file")
    if hint != sha256(public_pem(key)):
        raise IntegrityError(f"{file} was signed with another private key than the public key's")
    try:
        key.verify(made, _authenticated(payload), ec.ECDSA(HASHES[key.curve.name]))
    except InvalidSignature as error:
        raise IntegrityError(f"{file} was changed since it was signed: its signature does not fit the key") from error
    return payload


def _authenticated(payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def _statement(folder: Path) -> dict[str, Any]:
    digests = _digests(folder)
    root = sha256(b"".join(bytes.fromhex(digest) for digest in digests.values()))
    resources = [{"name": name, "algorithm": "sha256", "digest": digest} for name, digest in digests.items()]
    serialization = {**WAY, "allow_symlinks": False, "ignore_paths": [SIGNATURE_FILE]}
    return {
        "_type": STATEMENT,
        "subject": [{"name": folder.name, "digest": {"sha256": root}}],
        "predicateType": PREDICATE,
        "predicate": {"serialization": serialization, "resources": resources},
    }


def _listed(file: Path, statement: dict[str, Any]) -> dict[str, str]:
    """The SHA-256 of each file that a statement lists; other kinds of statement and of hash are refused."""
    kind = (statement.get("_type"), statement.get("predicateType"))
    way = statement.get("predicate", {}).get("serialization", {})
    if kind != (STATEMENT, PREDICATE) or {key: way.get(key) for key in WAY} != WAY:
        raise IntegrityError(f"{file} does not list the SHA-256 of whole files: sign with `model_signing`'s defaults")
    return {resource["name"]: resource["digest"] for resource in statement["predicate"]["resources"]}


def _digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a folder but the signature, in the order of their names."""
    files = [path for path in folder.rglob("*") if path.is_file() and path != folder / SIGNATURE_FILE]
    return {
        name: sha256((folder / name).read_bytes()) for name in sorted(p.relative_to(folder).as_posix() for p in files)
    }
