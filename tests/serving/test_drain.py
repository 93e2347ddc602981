"""What a served Bento does between SIGTERM and its end."""

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse

import httpx
import pytest
import tritonclient.grpc as triton

from ports import free_port
from serving.conftest import Built
from serving.served import Service, running

KEEP_ALIVE_SECONDS = 5  # uvicorn's
MARGIN_SECONDS = 20  # for a busy machine
BODY = json.dumps({"rows": [{"hour": 7, "carrier": "UA"}]}).encode()
HEAD = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)


def variables(flights: Built, **settings: object) -> dict[str, str]:
    named = {f"STILLROOM_SERVING_{name}".upper(): str(value) for name, value in settings.items()}
    return {"BENTOML_HOME": str(flights.home), **named}


def half_asked(service: Service, stack: ExitStack) -> socket.socket:
    """A connection on which all but the body's last byte was sent, and arrived."""
    url = httpx.URL(service.url)
    connection = stack.enter_context(socket.create_connection((url.host, url.port)))
    connection.sendall(HEAD + BODY[:-1])
    connection.settimeout(30)
    return connection


def answer(connection: socket.socket) -> tuple[int, bytes]:
    response = HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


def in_flight(service: Service) -> float:
    lines = httpx.get(f"{service.url}/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("stillroom_requests_in_flight"))


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refuses(service: Service) -> bool:
    try:
        httpx.get(f"{service.url}/livez")
    except httpx.ConnectError:
        return True
    return False


@pytest.mark.slow
def test_every_probe_says_no_while_requests_are_still_answered(flights: Built) -> None:
    port = free_port()
    name = flights.model.partition(":")[0]
    probes = ["/readyz", "/ping", "/v2/health/ready", f"/v2/models/{name}/ready", f"/v1/models/{name}"]
    settings = variables(flights, drain_seconds=5, grpc_port=port, grpc_host="127.0.0.1")
    with (
        running(flights.bento, settings) as service,
        httpx.Client(base_url=service.url) as client,
        triton.InferenceServerClient(f"127.0.0.1:{port}") as grpc,
    ):
        before = [client.get(probe).status_code for probe in probes]
        ready_before = (grpc.is_server_ready(), grpc.is_model_ready(name))
        service.process.terminate()
        wait_until(lambda: client.get("/readyz").status_code == 503)
        after = [client.get(probe).status_code for probe in probes]
        ready_after = (grpc.is_server_live(), grpc.is_server_ready(), grpc.is_model_ready(name))
        alive, answered = client.get("/livez").status_code, client.post("/predict", content=BODY).status_code
        ended = service.process.wait(60)

    assert (before, ready_before) == ([200] * 5, (True, True))
    assert (after, ready_after) == ([503] * 5, (True, False, False))
    assert (alive, answered, ended) == (200, 200, 0)


@pytest.mark.slow
def test_what_was_begun_is_answered_by_each_of_several_workers(flights: Built) -> None:
    with (
        running(flights.bento, variables(flights, workers=2, drain_seconds=0.5, timeout_seconds=20)) as service,
        ExitStack() as stack,
    ):
        begun = [half_asked(service, stack) for _ in range(16)]
        wait_until(lambda: in_flight(service) == len(begun))
        service.process.terminate()
        wait_until(lambda: refuses(service))
        for each in begun:
            each.sendall(BODY[-1:])
        answers = [answer(each) for each in begun]
        ended = service.process.wait(60)

    assert {status for status, _ in answers} == {200}
    assert len({body for _, body in answers}) == 1
    assert ended == 0


@pytest.mark.slow
def test_a_body_that_never_comes_whole_does_not_keep_the_service(flights: Built) -> None:
    settings = variables(flights, timeout_seconds=4, drain_seconds=2)
    with running(flights.bento, settings) as service, ExitStack() as stack:
        half = half_asked(service, stack)
        wait_until(lambda: in_flight(service) == 1)
        begun = time.monotonic()
        service.process.terminate()
        status, body = answer(half)
        ended = service.process.wait(60)
        elapsed = time.monotonic() - begun

    assert (status, list(json.loads(body))) == (408, ["error"])
    assert ended == 0
    # It drains, lets idle connections be, and gives what is left its time: all declared.
    assert 2 <= elapsed <= 2 + KEEP_ALIVE_SECONDS + 4 + MARGIN_SECONDS


@pytest.mark.slow
def test_an_answer_of_the_ending_service_closes_its_connection(flights: Built) -> None:
    with running(flights.bento, variables(flights, drain_seconds=0)) as service:
        url = httpx.URL(service.url)
        connection = HTTPConnection(url.host, url.port, timeout=30)
        connection.request("POST", "/predict", BODY)
        kept = connection.getresponse()
        kept.read()
        service.process.terminate()
        wait_until(lambda: refuses(service))
        connection.request("POST", "/predict", BODY)
        last = connection.getresponse()
        answered, closing = last.status, last.headers["connection"]
        ended = service.process.wait(60)

    assert kept.headers["connection"] is None
    assert (answered, closing, ended) == (200, "close", 0)


@pytest.mark.slow
def test_a_taken_grpc_port_ends_the_service_with_one_sentence(flights: Built) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = (
            rf"\nSTILLROOM_SERVING_GRPC_PORT: 127.0.0.1:{port} cannot be listened on \(Address already in use\)\n$"
        )
        with (
            pytest.raises(RuntimeError, match=sentence),
            running(flights.bento, variables(flights, grpc_port=port, grpc_host="127.0.0.1")),
        ):
            pass


@pytest.mark.slow
def test_the_port_of_http_cannot_be_that_of_grpc(flights: Built) -> None:
    port = free_port()

    with (
        pytest.raises(RuntimeError, match=r"Could not bind 127\.0\.0\.1:"),
        running(flights.bento, variables(flights, grpc_port=port, grpc_host="127.0.0.1"), port=port, patience=20),
    ):
        pass
