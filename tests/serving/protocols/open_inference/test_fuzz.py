"""Whatever a request holds, it is either answered or refused with one sentence."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tritonclient.grpc import service_pb2 as messages

from serving import onnx_models
from serving.loopback import NAME
from serving.protocols.open_inference.grpc_process import served
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Model
from stillroom.serving.protocols.base import HttpRequest
from stillroom.serving.protocols.open_inference.rest import OpenInference
from stillroom.serving.protocols.open_inference.tensors import JSON_TYPES
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version

VERSION = Version.of(f"{NAME}:v1", Model(onnx_models.multiclass()), ServiceConfig(batching="off", max_rows=8))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def mostly(*likely: Any) -> st.SearchStrategy:
    """One of these, now and then anything at all."""
    return st.one_of(*(each if isinstance(each, st.SearchStrategy) else st.just(each) for each in likely), ANYTHING)


TENSORS = st.fixed_dictionaries(
    {
        "name": mostly("hour", "carrier", "origin"),
        "datatype": mostly(st.sampled_from([*JSON_TYPES])),
        "shape": mostly([1], [2], [2, 1]),
    },
    optional={
        "data": mostly(st.lists(ANYTHING, min_size=1, max_size=2)),
        "parameters": mostly(st.fixed_dictionaries({"binary_data_size": mostly(st.integers(0, 16))})),
    },
)
DOCUMENTS = mostly(
    st.fixed_dictionaries(
        {"inputs": mostly(st.lists(TENSORS, min_size=1, max_size=2))},
        optional={
            "id": mostly("42"),
            "outputs": mostly([{"name": "class"}]),
            "parameters": mostly({"binary_data_output": True}),
        },
    )
)


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None)
@given(document=DOCUMENTS, raw=st.binary(max_size=16), length=st.none() | st.binary(max_size=3))
def test_a_request_is_answered_or_refused(document: Any, raw: bytes, length: bytes | None) -> None:
    body = json.dumps(document).encode()
    headers = {b"inference-header-content-length": str(len(body)).encode() if length is None else length}
    protocol = OpenInference()
    try:
        question = protocol.ask(HttpRequest(headers, body + raw, {"name": NAME}), VERSION)
        (predictions,) = map(VERSION.model.predict, question.pieces)
        reply = protocol.answer(question, predictions, VERSION)
    except RefusedError as refused:
        reply = protocol.refuse(refused)

    assert reply.status in (200, 400, 413)


INTEGERS = st.lists(st.integers(0, 9), max_size=2)
MESSAGES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["hour", "carrier", "origin", "gate"]),
        "datatype": st.sampled_from([*JSON_TYPES, "FP8"]),
        "shape": st.lists(st.integers(-1, 2), max_size=2),
    },
    optional={
        "contents": st.fixed_dictionaries(
            {},
            optional={
                "bytes_contents": st.lists(st.binary(max_size=3), max_size=2),
                "fp32_contents": st.lists(st.floats(width=32), max_size=2),
                "int_contents": INTEGERS,
                "uint64_contents": INTEGERS,
                "bool_contents": st.lists(st.booleans(), max_size=2),
            },
        )
    },
)


@pytest.fixture(scope="module")
def infer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[grpc.UnaryUnaryMultiCallable]:
    folder = tmp_path_factory.mktemp("grpc")
    with served(onnx_models.multiclass(), folder=folder, batching="off") as server, server.channel() as channel:
        yield channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None)
@given(
    tensors=st.lists(MESSAGES, max_size=2), raw=st.lists(st.binary(max_size=9), max_size=2), end=st.binary(max_size=3)
)
def test_a_message_is_answered_or_refused(
    infer: grpc.UnaryUnaryMultiCallable, tensors: list[dict], raw: list[bytes], end: bytes
) -> None:
    inputs = [messages.ModelInferRequest.InferInputTensor(**each) for each in tensors]
    request = messages.ModelInferRequest(model_name=NAME, inputs=inputs, raw_input_contents=raw)

    error = infer.future(request.SerializeToString() + end).exception()

    assert error is None or error.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)
