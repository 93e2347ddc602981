"""Open Inference Protocol v2 in protobuf: requests read as columns, predictions written as responses."""

from typing import Any

import numpy as np

from stillroom.serving.errors import RefusedError
from stillroom.serving.protocols.open_inference import grpc_predict_v2_pb2 as pb2
from stillroom.serving.protocols.open_inference import model
from stillroom.serving.protocols.open_inference.tensors import (
    BYTES,
    Column,
    Declared,
    from_raw,
    texts,
    to_raw,
    unreadable,
)
from stillroom.serving.version import Version

# The field that holds a datatype's contents, as the protocol says; FP16 has none.
FIELDS = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    BYTES: "bytes_contents",
}


def columns(request: pb2.ModelInferRequest) -> dict[str, Column]:
    """The request's tensors by name; raises RefusedError where they do not fit what they are declared as."""
    raw = request.raw_input_contents
    if raw and len(raw) != len(request.inputs):
        raise RefusedError(400, f"{len(request.inputs)} inputs need as many raw_input_contents, found {len(raw)}")
    read: dict[str, Column] = {}
    for index, each in enumerate(request.inputs):
        if each.name in read:
            raise unreadable(each.name, "it is there twice")
        tensor = Declared.of(each.name, each.datatype, each.shape)
        if not raw:
            read[each.name] = _from_contents(tensor, each.contents)
        elif each.HasField("contents"):
            raise unreadable(each.name, "it has contents beside the request's raw_input_contents")
        else:
            read[each.name] = from_raw(tensor, raw[index])
    if not read:
        raise RefusedError(400, "the request has no inputs; send one tensor a column")
    return read


def _from_contents(tensor: Declared, contents: pb2.InferTensorContents) -> Column:
    if tensor.datatype not in FIELDS:
        raise unreadable(tensor.name, f"{tensor.datatype} must be sent in raw_input_contents")
    values: Any = getattr(contents, FIELDS[tensor.datatype])
    tensor.check_length(len(values))
    return texts(tensor, values) if tensor.datatype == BYTES else np.array(values)


def response(request: pb2.ModelInferRequest, predictions: np.ndarray, version: Version) -> pb2.ModelInferResponse:
    """The outputs asked for: raw where the request's inputs are, else as contents."""
    made = pb2.ModelInferResponse(model_name=version.name, model_version=version.number, id=request.id)
    for each in model.outputs([asked.name for asked in request.outputs], predictions, version.signature):
        tensor = made.outputs.add(name=each.name, datatype=each.datatype, shape=each.shape)
        if request.raw_input_contents:
            made.raw_output_contents.append(to_raw(each.values))
        elif each.datatype == BYTES:
            tensor.contents.bytes_contents.extend(text.encode() for text in each.values)
        else:
            tensor.contents.fp32_contents.extend(each.values.tolist())
    return made
