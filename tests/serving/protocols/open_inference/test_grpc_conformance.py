"""The protocol over gRPC against its specification: contents, required fields, status codes.

The messages are those of tritonclient's own definition of the protocol, sent as they are.
Sources: specification/protocol/inference_grpc.md and open_inference_grpc.proto of kserve/open-inference-protocol.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from tritonclient.grpc import service_pb2 as messages
from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub

from serving import onnx_models
from serving.loopback import NAME
from serving.protocols.open_inference.grpc_process import served
from serving.protocols.open_inference.tables import expected
from serving.test_app import indexing_model
from stillroom.serving.endpoint import FAILED

ONNX = onnx_models.multiclass()
INFER = "/inference.GRPCInferenceService/ModelInfer"
HOURS = np.array([7.5, 9], np.float32)
HOUR = {"name": "hour", "datatype": "FP32", "shape": [2]}


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[grpc.Channel]:
    config = {"max_rows": 5, "max_body_bytes": 2_000, "timeout_seconds": 0.5, "batching": "off"}
    folder = tmp_path_factory.mktemp("grpc")
    with served(ONNX, indexing_model(), folder=folder, **config) as server, server.channel() as channel:
        yield channel


@pytest.fixture(scope="module")
def stub(channel: grpc.Channel) -> GRPCInferenceServiceStub:
    return GRPCInferenceServiceStub(channel)


def request(*inputs: dict, raw: list[bytes] | None = None, **fields: Any) -> messages.ModelInferRequest:
    tensors = [messages.ModelInferRequest.InferInputTensor(**each) for each in inputs]
    return messages.ModelInferRequest(**{"model_name": NAME, **fields}, inputs=tensors, raw_input_contents=raw)


def test_health_says_yes(stub: GRPCInferenceServiceStub) -> None:
    assert stub.ServerLive(messages.ServerLiveRequest()).live
    assert stub.ServerReady(messages.ServerReadyRequest()).ready
    assert stub.ModelReady(messages.ModelReadyRequest(name=NAME)).ready
    assert stub.ModelReady(messages.ModelReadyRequest(name=NAME, version="v1")).ready


def test_metadata_has_its_required_fields(stub: GRPCInferenceServiceStub) -> None:
    server = stub.ServerMetadata(messages.ServerMetadataRequest())
    model = stub.ModelMetadata(messages.ModelMetadataRequest(name=NAME))

    assert (server.name, list(server.extensions)) == ("stillroom", ["binary_tensor_data"])
    assert server.version
    assert (model.name, list(model.versions), model.platform) == (NAME, ["v1", "v2"], "onnx_onnxv1")
    assert [each.name for each in model.inputs] == ["distance", "hour", "carrier", "origin"]
    assert [(each.name, each.datatype, list(each.shape)) for each in model.outputs] == [
        ("prediction", "FP32", [-1, 3]),
        ("class", "BYTES", [-1]),
    ]


def test_contents_are_answered_with_contents(stub: GRPCInferenceServiceStub) -> None:
    carrier = {"name": "carrier", "datatype": "BYTES", "shape": [2], "contents": {"bytes_contents": [b"UA", b""]}}
    hour = {**HOUR, "shape": [2, 1], "contents": {"fp32_contents": [7.5, np.nan]}}

    answer = stub.ModelInfer(request(carrier, hour, id="42"))

    columns = {"carrier": np.array(["UA", ""], object), "hour": np.array([7.5, np.nan])}
    probabilities = expected(ONNX, columns)
    assert (answer.model_name, answer.model_version, answer.id) == (NAME, "v1", "42")
    assert not answer.raw_output_contents
    prediction, likeliest = answer.outputs
    assert (prediction.name, prediction.datatype, list(prediction.shape)) == ("prediction", "FP32", [2, 3])
    np.testing.assert_array_equal(np.float32(prediction.contents.fp32_contents), probabilities.ravel())
    assert (likeliest.datatype, list(likeliest.shape)) == ("BYTES", [2])
    names = [onnx_models.CLASSES[each].encode() for each in probabilities.argmax(axis=1)]
    assert list(likeliest.contents.bytes_contents) == names


def test_raw_contents_are_answered_with_raw_contents(stub: GRPCInferenceServiceStub) -> None:
    answer = stub.ModelInfer(request(HOUR, raw=[HOURS.tobytes()]))

    predictions = np.frombuffer(answer.raw_output_contents[0], "<f4").reshape(answer.outputs[0].shape)
    np.testing.assert_array_equal(predictions, expected(ONNX, {"hour": HOURS}))
    assert not any(each.HasField("contents") for each in answer.outputs)
    assert len(answer.raw_output_contents) == len(answer.outputs) == 2


@pytest.mark.parametrize(
    ("datatype", "field"),
    [
        *((f"INT{bits}", "int_contents") for bits in (8, 16, 32)),
        *((f"UINT{bits}", "uint_contents") for bits in (8, 16, 32)),
        ("INT64", "int64_contents"),
        ("UINT64", "uint64_contents"),
        ("FP32", "fp32_contents"),
        ("FP64", "fp64_contents"),
    ],
)
def test_every_datatype_has_its_field(stub: GRPCInferenceServiceStub, datatype: str, field: str) -> None:
    answer = stub.ModelInfer(request({**HOUR, "datatype": datatype, "contents": {field: [7, 9]}}))

    predictions = np.float32(answer.outputs[0].contents.fp32_contents).reshape(2, 3)
    np.testing.assert_array_equal(predictions, expected(ONNX, {"hour": np.array([7, 9])}))


def test_booleans_are_categories(stub: GRPCInferenceServiceStub) -> None:
    flag = {"name": "origin", "datatype": "BOOL", "shape": [1], "contents": {"bool_contents": [True]}}

    answer = stub.ModelInfer(request(flag))

    predictions = expected(ONNX, {"origin": np.array(["true"], object)})
    np.testing.assert_array_equal(np.float32(answer.outputs[0].contents.fp32_contents), predictions[0])


CONTENTS = {"contents": {"fp32_contents": HOURS.tolist()}}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (request(), "the request has no inputs"),
        (request(HOUR), "the shape says 2 elements, the contents hold 0"),
        (request({**HOUR, **CONTENTS, "datatype": "FP64"}), "the contents hold 0"),
        (request({**HOUR, **CONTENTS, "datatype": "FP16"}), "FP16 must be sent in raw_input_contents"),
        (request({**HOUR, **CONTENTS, "datatype": "BF16"}), "the datatype BF16 is not one of"),
        (request({**HOUR, **CONTENTS, "shape": [1, 2]}), "the shape must be [rows] or [rows, 1]"),
        (request({**HOUR, **CONTENTS, "shape": []}), "the shape must be"),
        (request({**HOUR, **CONTENTS, "name": "gate"}), 'unknown column "gate"'),
        (request({**HOUR, **CONTENTS}, {**HOUR, **CONTENTS}), "input hour: it is there twice"),
        (request({**HOUR, **CONTENTS}, outputs=[{"name": "score"}]), "the model has no output score"),
        (request(HOUR, raw=[b"", b""]), "1 inputs need as many raw_input_contents, found 2"),
        (request({**HOUR, **CONTENTS}, raw=[b""]), "it has contents beside the request's raw_input_contents"),
        (request(HOUR, raw=[b"1234567"]), "2 elements of FP32 are 8 bytes, found 7"),
        (request({**HOUR, "datatype": "BYTES"}, raw=[b"\x01\x00"]), "the BYTES end within element 0"),
    ],
)
def test_a_request_that_does_not_fit_is_an_invalid_argument(
    stub: GRPCInferenceServiceStub, wrong: messages.ModelInferRequest, words: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(wrong)

    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert words in caught.value.details()


def test_what_is_not_there_is_not_found(stub: GRPCInferenceServiceStub) -> None:
    for call, asked in (
        (stub.ModelReady, messages.ModelReadyRequest(name="other")),
        (stub.ModelReady, messages.ModelReadyRequest(name=NAME, version="v9")),
        (stub.ModelMetadata, messages.ModelMetadataRequest(name=NAME, version="v9")),
        (stub.ModelInfer, request({**HOUR, **CONTENTS}, model_name="other")),
        (stub.ModelInfer, request({**HOUR, **CONTENTS}, model_version="v9")),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call(asked)
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("rows", [6, 600], ids=["rows", "bytes"])
def test_too_much_is_resource_exhausted(stub: GRPCInferenceServiceStub, rows: int) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(request({**HOUR, "shape": [rows]}, raw=[bytes(4 * rows)]))

    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_failing_model_is_internal_without_a_stack_trace(stub: GRPCInferenceServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(request({**HOUR, **CONTENTS}, model_version="v2"))

    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.INTERNAL, FAILED)


def test_a_message_that_is_malformed_missing_or_never_ends_is_told_so(channel: grpc.Channel) -> None:
    call, ended = channel.stream_unary(INFER), threading.Event()

    def never() -> Iterator[bytes]:
        ended.wait()
        yield from ()

    for sent, code in (
        (iter([b"\xff\xff"]), grpc.StatusCode.INVALID_ARGUMENT),
        (iter([]), grpc.StatusCode.INVALID_ARGUMENT),
        (never(), grpc.StatusCode.DEADLINE_EXCEEDED),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call(sent)
        assert caught.value.code() == code
    ended.set()


def test_overload_is_unavailable_and_says_when_to_try_again(tmp_path: Path) -> None:
    hours = request({**HOUR, "shape": [5_000]}, raw=[bytes(20_000)])
    config = {"max_waiting": 1, "chunk_rows": 1, "deadline_seconds": 60.0}
    with served(ONNX, folder=tmp_path, **config) as server, server.channel() as channel:
        call = GRPCInferenceServiceStub(channel).ModelInfer
        errors = [each.exception() for each in [call.future(hours) for _ in range(3)]]

    turned_away = [each for each in errors if each is not None]
    assert 1 <= len(turned_away) <= 2
    assert {each.code() for each in turned_away} == {grpc.StatusCode.UNAVAILABLE}
    assert ("grpc-retry-pushback-ms", "1000") in turned_away[0].trailing_metadata()


def test_a_server_that_stops_takes_no_more_calls_and_lets_those_within_end(tmp_path: Path) -> None:
    closed = threading.Event()

    def late() -> Iterator[bytes]:
        closed.wait()
        yield request({**HOUR, **CONTENTS}).SerializeToString()

    with served(ONNX, folder=tmp_path) as server, server.channel() as channel:
        answer = channel.stream_unary(INFER).future(late())
        # The connection is one: once this call is answered, the one before it has come.
        GRPCInferenceServiceStub(channel).ServerLive(messages.ServerLiveRequest())
        server.process.terminate()
        wait_until_closed(server.address)
        closed.set()

        assert messages.ModelInferResponse.FromString(answer.result()).model_name == NAME
        assert server.process.wait() == 0


def wait_until_closed(address: str) -> None:
    host, port = address.split(":")
    while True:
        try:
            socket.create_connection((host, int(port))).close()
        except (ConnectionRefusedError, ConnectionResetError):  # reset: it closed meanwhile
            return


def test_grpcio_is_not_imported_where_no_port_is_declared() -> None:
    program = "import sys, stillroom.serving.app; sys.exit('grpc' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
