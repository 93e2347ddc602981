"""The protocol over gRPC, as Triton's own client speaks it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.grpc import aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from ports import free_port
from serving import onnx_models
from serving.loopback import NAME
from serving.protocols.open_inference.grpc_process import served
from serving.protocols.open_inference.tables import COLUMNS, expected

BINARY, OTHER = onnx_models.binary(), onnx_models.multiclass()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(BINARY, OTHER, folder=tmp_path_factory.mktemp("grpc"), chunk_rows=2) as server:
        yield server.address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(address) as client:
        yield client


def tensors(columns: dict[str, np.ndarray]) -> list[triton.InferInput]:
    made = []
    for name, values in columns.items():
        tensor = triton.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
        made.append(tensor.set_data_from_numpy(values))
    return made


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_strings_and_missing_values_are_predicted_as_by_the_model(
    client: triton.InferenceServerClient, shape: tuple
) -> None:
    columns = {name: values.reshape(shape) for name, values in COLUMNS.items()}

    answer = client.infer(NAME, tensors(columns), request_id="a 1")

    np.testing.assert_array_equal(answer.as_numpy("prediction"), expected(BINARY))
    assert answer.get_response().id == "a 1"
    assert answer.get_response().model_version == "v1"


def test_a_version_is_pinned_and_outputs_are_asked_for(client: triton.InferenceServerClient) -> None:
    outputs = [triton.InferRequestedOutput("class")]

    answer = client.infer(NAME, tensors(COLUMNS), model_version="v2", outputs=outputs)

    likeliest = [onnx_models.CLASSES[each].encode() for each in expected(OTHER).argmax(axis=1)]
    assert answer.as_numpy("class").tolist() == likeliest
    assert [each.name for each in answer.get_response().outputs] == ["class"]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
def test_every_datatype_of_numbers_is_a_number(client: triton.InferenceServerClient, dtype: str) -> None:
    columns = {"hour": np.array([0, 3, 100], dtype)}

    answer = client.infer(NAME, tensors(columns))

    np.testing.assert_array_equal(answer.as_numpy("prediction"), expected(BINARY, columns))


def test_health_and_metadata_are_what_the_client_asks_by(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(NAME, "v2")
    assert client.get_server_metadata(as_json=True)["extensions"] == ["binary_tensor_data"]
    shapes = {each.name: (each.datatype, list(each.shape)) for each in client.get_model_metadata(NAME).inputs}
    assert shapes["hour"] == ("FP32", [-1, 1])
    assert shapes["carrier"] == ("BYTES", [-1, 1])


def test_a_refusal_is_the_clients_exception(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="expected a number or null, found the text") as caught:
        client.infer(NAME, tensors({"hour": np.array(["noon"], object)}))

    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"


def test_many_calls_at_a_time_each_get_their_own_answer(address: str) -> None:
    columns = [{"hour": np.array([hour], np.float32)} for hour in range(50)]

    async def ask() -> list[np.ndarray]:
        async with aio.InferenceServerClient(address) as client:
            answers = await asyncio.gather(*(client.infer(NAME, tensors(each)) for each in columns))
            return [each.as_numpy("prediction") for each in answers]

    assert [answer.tolist() for answer in asyncio.run(ask())] == [expected(BINARY, each).tolist() for each in columns]


@pytest.mark.slow
def test_several_processes_share_one_port_and_one_may_end_without_the_others(tmp_path: Path) -> None:
    port = free_port()
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
    with served(BINARY, folder=tmp_path / "one", grpc_port=port) as server:
        with served(BINARY, folder=tmp_path / "other", grpc_port=port):
            assert {ready(server.address) for _ in range(8)} == {True}
        assert ready(server.address)


def ready(address: str) -> bool:
    """Over a connection of its own, which the kernel gives to one of the processes."""
    with triton.InferenceServerClient(address, channel_args=[("grpc.use_local_subchannel_pool", 1)]) as client:
        return client.is_model_ready(NAME)
