"""A Bento served in processes of its own, asked in both forms of the protocol."""

import pytest
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import np_to_triton_dtype

from ports import free_port
from serving.conftest import Built
from serving.protocols.open_inference.tables import COLUMNS, expected
from serving.served import served


@pytest.mark.slow
def test_a_bento_answers_over_rest_and_on_the_port_of_grpc(flights: Built) -> None:
    port = free_port()
    env = {"GRPC_PORT": str(port), "GRPC_HOST": "127.0.0.1", "WORKERS": "2"}
    environment = {f"STILLROOM_SERVING_{name}": value for name, value in env.items()}
    with served(flights.bento, {"BENTOML_HOME": str(flights.home), **environment}) as url:
        for triton, address in (
            (tritonclient.http, url.removeprefix("http://")),
            (tritonclient.grpc, f"127.0.0.1:{port}"),
        ):
            with triton.InferenceServerClient(address) as client:
                tensors = [
                    triton.InferInput(name, [3], np_to_triton_dtype(values.dtype)).set_data_from_numpy(values)
                    for name, values in COLUMNS.items()
                ]
                answer = client.infer(flights.model.partition(":")[0], tensors)
                assert answer.as_numpy("prediction").tolist() == expected(flights.onnx).tolist()
