"""What a model looks like in this protocol: its tensors, and the outputs made of its predictions."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stillroom import __version__
from stillroom.serving.errors import RefusedError
from stillroom.serving.protocols.open_inference.tensors import BYTES
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions
from stillroom.table.signature import Signature

SERVER: dict[str, Any] = {"name": "stillroom", "version": __version__, "extensions": ["binary_tensor_data"]}
PLATFORM = "onnx_onnxv1"
PREDICTION, CLASS = "prediction", "class"
DATATYPES: dict[type[np.generic], str] = {np.float32: "FP32", np.object_: BYTES}


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor's metadata; a dimension of -1 may be any."""

    name: str
    datatype: str
    shape: list[int]


@dataclass(frozen=True, slots=True)
class Output:
    """One tensor of an answer; ``values`` are flat, row by row: float32, or texts of dtype object."""

    name: str
    datatype: str
    shape: list[int]
    values: np.ndarray


def input_tensors(signature: Signature) -> list[Tensor]:
    """One tensor a column: numbers are FP32, everything else is text."""
    return [Tensor(each.name, DATATYPES[each.dtype], [-1, 1]) for each in signature.inputs]


def output_tensors(signature: Signature) -> list[Tensor]:
    """The prediction; where there are classes, a probability of each, and the likeliest one's name."""
    if not signature.classes:
        return [Tensor(PREDICTION, "FP32", [-1])]
    return [Tensor(PREDICTION, "FP32", [-1, len(signature.classes)]), Tensor(CLASS, BYTES, [-1])]


def check_outputs(names: list[str], signature: Signature) -> None:
    """Raise RefusedError where the model has no such output."""
    known = [each.name for each in output_tensors(signature)]
    for name in names:
        if name not in known:
            raise RefusedError(400, f"the model has no output {name[:100]}; its outputs are: {', '.join(known)}")


def outputs(names: list[str], predictions: np.ndarray, signature: Signature) -> list[Output]:
    """The outputs asked for; all of them where ``names`` is empty. ``predictions`` are [rows] or [rows, classes]."""
    made = []
    for each in output_tensors(signature):
        if names and each.name not in names:
            continue
        if each.name == CLASS:
            values = np.array(signature.classes, dtype=object)[predictions.argmax(axis=1)]
            made.append(Output(CLASS, BYTES, [len(values)], values))
        else:
            made.append(Output(each.name, each.datatype, list(predictions.shape), predictions.ravel()))
    return made


def find(versions: Versions, name: str, number: str | None) -> Version:
    """The version asked for, else the default; raises RefusedError (404) where it is not served."""
    version = versions.default if number is None else versions.pick(number)
    check_name(name, version)
    return version


def check_name(name: str, version: Version) -> None:
    """Raise RefusedError (404) where this is not the model's name."""
    if name != version.name:
        raise RefusedError(404, f"the model {name[:100]} is not served here; the model is {version.name}")


def metadata(version: Version, versions: Versions) -> dict[str, Any]:
    """The model's metadata, as the protocol writes it in JSON and in protobuf alike."""
    return {
        "name": version.name,
        "versions": [each.number for each in versions.loaded],
        "platform": PLATFORM,
        "inputs": [asdict(each) for each in input_tensors(version.signature)],
        "outputs": [asdict(each) for each in output_tensors(version.signature)],
    }
