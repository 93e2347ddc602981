"""A model read from the model store, once it has proved to be the one saved there."""

from pathlib import Path

from stillroom.integrity.digests import IntegrityError, check

MODEL_FILE = "model.onnx"
HASH_LABEL = "sha256"
PARITY_FILE = "parity.json"
PARITY_LABEL = "parity-sha256"
KEY_VARIABLE = "STILLROOM_SERVING_PUBLIC_KEY"


def read_verified(folder: Path, recorded: str, public_key: Path | None = None, file: str = MODEL_FILE) -> bytes:
    """The bytes of a model's file; raises IntegrityError unless they have the SHA-256 recorded elsewhere.

    With a public key they must be signed too, as must be all that lies beside them. The bytes that are given back are
    those that were checked, whatever becomes of the file.
    """
    path = folder / file
    content = check(path.read_bytes(), recorded, path)
    if public_key:
        # It takes 12 MB of memory, which a service without a key saves, and a Bento of an unsigned model is without it.
        try:
            from stillroom.integrity.keys import read_public_key
            from stillroom.integrity.signing import verify
        except ModuleNotFoundError as error:
            raise IntegrityError(f"{path} cannot be verified, for want of the package {error.name}: sign it") from error

        check(content, verify(folder, read_public_key(public_key)).get(file, "none"), path)
    return content
