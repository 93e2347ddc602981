"""Folders of a model's files, good and damaged in every way that must be refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from stillroom.integrity.signing import SIGNATURE_FILE


def unsigned(path: Path) -> Path:
    """A model and its card, in a new folder."""
    path.mkdir(parents=True)
    (path / "model.onnx").write_bytes(bytes(range(256)) * 8)
    (path / "model.yaml").write_text("name: stillroom_wine\nmetadata: {metrics: {accuracy: 0.9}}\n")
    return path


def copy(folder: Path, path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(folder, path))


def one_bit(file: Path, position: int) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


def in_signature(folder: Path, before: str, offset: int) -> None:
    """Change one letter of a signature file, some way behind a text in it."""
    file = folder / SIGNATURE_FILE
    text = file.read_text().replace(": ", ":")
    position = text.index(before) + len(before) + offset
    other = "A" if text[position] != "A" else "B"
    file.write_text(text[:position] + other + text[position + 1 :])


def listed_otherwise(folder: Path) -> None:
    """Change the model, and its SHA-256 in the signed list too."""
    import base64
    import hashlib

    file = folder / SIGNATURE_FILE
    bundle = json.loads(file.read_text())
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"]).decode()
    old = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    one_bit(folder / "model.onnx", 9)
    new = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload.replace(old, new).encode()).decode()
    file.write_text(json.dumps(bundle))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a byte of the model": lambda folder: one_bit(folder / "model.onnx", 1000),
    "a byte of the card": lambda folder: one_bit(folder / "model.yaml", 20),
    "a byte of the signature": lambda folder: in_signature(folder, '"sig":"', 40),
    "a byte of the signed list": lambda folder: in_signature(folder, '"payload":"', 400),
    "a byte of the key's name": lambda folder: in_signature(folder, '"hint":"', 10),
    "model and list": listed_otherwise,
    "no signature": lambda folder: (folder / SIGNATURE_FILE).unlink(),
    "half a signature": lambda folder: (folder / SIGNATURE_FILE).write_text('{"mediaType": "application/vnd'),
    "no model": lambda folder: (folder / "model.onnx").unlink(),
    "one more file": lambda folder: (folder / "custom_objects.pkl").write_bytes(b"code"),
}
