"""A model read from the model store, once it has proved to be the one saved there."""

from pathlib import Path

from stillroom.integrity.digests import check

MODEL_FILE = "model.onnx"
HASH_LABEL = "sha256"
KEY_VARIABLE = "STILLROOM_SERVING_PUBLIC_KEY"


def read_verified(folder: Path, recorded: str, public_key: Path | None = None) -> bytes:
    """The bytes of model.onnx; raises IntegrityError unless they have the SHA-256 recorded elsewhere.

    With a public key they must be signed too, as must be all that lies beside them. The bytes that are given back are
    those that were checked, whatever becomes of the file.
    """
    onnx = check((folder / MODEL_FILE).read_bytes(), recorded, folder / MODEL_FILE)
    if public_key:
        # Loading it takes 12 MB, which a service without a key saves.
        from stillroom.integrity.keys import read_public_key
        from stillroom.integrity.signing import verify

        check(onnx, verify(folder, read_public_key(public_key)).get(MODEL_FILE, "none"), folder / MODEL_FILE)
    return onnx
