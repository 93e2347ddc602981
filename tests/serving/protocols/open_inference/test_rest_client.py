"""The protocol over REST, as Triton's own client speaks it."""

from collections.abc import Iterator

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from serving import onnx_models
from serving.loopback import NAME, app_of, loopback
from serving.protocols.open_inference.tables import COLUMNS, expected
from stillroom.serving.settings import ServiceConfig

BINARY, OTHER = onnx_models.binary(), onnx_models.multiclass()


@pytest.fixture(scope="module")
def client() -> Iterator[triton.InferenceServerClient]:
    with loopback(app_of(BINARY, OTHER, config=ServiceConfig(chunk_rows=10))) as address:
        yield triton.InferenceServerClient(address)


def tensors(columns: dict[str, np.ndarray], binary: bool = True) -> list[triton.InferInput]:
    made = []
    for name, values in columns.items():
        tensor = triton.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
        made.append(tensor.set_data_from_numpy(values, binary_data=binary))
    return made


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_strings_and_missing_values_are_predicted_as_by_the_model(
    client: triton.InferenceServerClient, shape: tuple, binary: bool
) -> None:
    columns = {name: values.reshape(shape) for name, values in COLUMNS.items()}
    outputs = [triton.InferRequestedOutput("prediction", binary_data=binary)]

    answer = client.infer(NAME, tensors(columns, binary), outputs=outputs, request_id="a 1")

    np.testing.assert_array_equal(answer.as_numpy("prediction"), expected(BINARY))
    assert answer.get_response()["id"] == "a 1"
    assert answer.get_response()["model_version"] == "v1"


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
def test_a_request_of_several_pieces_is_answered_in_order(client: triton.InferenceServerClient, binary: bool) -> None:
    columns = {name: np.tile(values, 8) for name, values in COLUMNS.items()}

    answer = client.infer(NAME, tensors(columns, binary))

    np.testing.assert_array_equal(answer.as_numpy("prediction"), np.tile(expected(BINARY), 8))


def test_without_named_outputs_the_client_gets_all_of_them_in_binary(client: triton.InferenceServerClient) -> None:
    answer = client.infer(NAME, tensors(COLUMNS), model_version="v2")

    probabilities = expected(OTHER)
    np.testing.assert_array_equal(answer.as_numpy("prediction"), probabilities)
    likeliest = [onnx_models.CLASSES[each].encode() for each in probabilities.argmax(axis=1)]
    assert answer.as_numpy("class").tolist() == likeliest
    assert [each["parameters"] for each in answer.get_response()["outputs"]] == [
        {"binary_data_size": 3 * 3 * 4},
        {"binary_data_size": sum(4 + len(each) for each in likeliest)},
    ]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
def test_every_datatype_of_numbers_is_a_number(client: triton.InferenceServerClient, dtype: str, binary: bool) -> None:
    columns = {"hour": np.array([0, 3, 100], dtype)}

    answer = client.infer(NAME, tensors(columns, binary))

    np.testing.assert_array_equal(answer.as_numpy("prediction"), expected(BINARY, columns))


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
def test_integers_and_booleans_are_categories_by_their_text(client: triton.InferenceServerClient, binary: bool) -> None:
    as_text = np.array(["7", "true"], object)

    codes = client.infer(NAME, tensors({"origin": np.array([7, 8])}, binary))
    flags = client.infer(NAME, tensors({"origin": np.array([False, True])}, binary))

    seven, true = expected(BINARY, {"origin": as_text})
    assert codes.as_numpy("prediction")[0] == seven
    assert flags.as_numpy("prediction")[1] == true


def test_health_and_metadata_are_what_the_client_asks_by(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(NAME, "v2")
    assert not client.is_model_ready(NAME, "v3")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    shapes = {each["name"]: (each["datatype"], each["shape"]) for each in client.get_model_metadata(NAME)["inputs"]}
    assert shapes["hour"] == ("FP32", [-1, 1])
    assert shapes["carrier"] == ("BYTES", [-1, 1])


def test_a_refusal_is_the_clients_exception(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="expected a number or null, found the text") as caught:
        client.infer(NAME, tensors({"hour": np.array(["noon"], object)}))

    assert caught.value.status() == "400"
