"""The categories that a model knows, read off its ONNX file.

The few fields of ONNX's format that it takes are declared here, since the package `onnx` is too large for a service.
Source: onnx.proto of ONNX 1.x, whose field numbers never change.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

ORT = b"ORTM"  # how onnxruntime's own format is known, of which the edge file is
# Message, field, its number, and its type: bytes, or another message.
_FIELDS = {
    "Model": {"graph": (7, "Graph")},
    "Graph": {"node": (1, "Node")},
    "Node": {"input": (1, "bytes"), "op_type": (4, "bytes"), "attribute": (5, "Attribute")},
    "Attribute": {"name": (1, "bytes"), "strings": (9, "bytes")},
}


def vocabularies(source: Path | bytes) -> Mapping[str, frozenset[str]]:
    """For each input whose texts the model encodes the texts that it tells apart; none are read off a file of ORT's."""
    content = source if isinstance(source, bytes) else source.read_bytes()
    if content[4:8] == ORT:
        return {}
    found: dict[str, frozenset[str]] = {}
    for graph in _model().FromString(content).graph:
        for node in graph.node:
            if node.op_type[-1:] == [b"LabelEncoder"]:
                keys = [text for each in node.attribute if each.name == [b"keys_strings"] for text in each.strings]
                name = node.input[0].decode()
                found[name] = found.get(name, frozenset()) | {text.decode() for text in keys}
    return found


@cache
def _model() -> Any:
    file = FileDescriptorProto(name="stillroom/onnx.proto", package="stillroom.onnx", syntax="proto2")
    for message, fields in _FIELDS.items():
        described = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            field = described.field.add(name=name, number=number, label=FieldDescriptorProto.LABEL_REPEATED)
            if kind == "bytes":
                field.type = FieldDescriptorProto.TYPE_BYTES
            else:
                field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".stillroom.onnx.{kind}"
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("stillroom.onnx.Model"))
