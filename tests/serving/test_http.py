"""The HTTP protocol itself, asked over sockets."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPResponse

import httpx
import numpy as np
import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from serving import onnx_models
from serving.loopback import app_of, predictor_of
from stillroom.serving.app import App, routes
from stillroom.serving.batching import Batcher
from stillroom.serving.http import Http, is_whole_request
from stillroom.serving.model import Columns, Model
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

BODY = json.dumps({"rows": [{"hour": 7}]}).encode()
REQUEST = b"POST /predict HTTP/1.1\r\nhost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Waits:
    """An app whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.waiting = 0

    async def __call__(self, scope: dict, receive: object, send: object) -> None:
        self.waiting += scope["path"] == "/slow"
        while scope["path"] == "/slow" and not self.go.is_set():
            await asyncio.sleep(0.01)
        await PlainTextResponse("answered")(scope, receive, send)  # type: ignore[arg-type]


@contextmanager
def serving(
    app: object, most: int = 256, patience: float = 10.0, lost: threading.Event | None = None
) -> Iterator[tuple[str, int]]:
    """Where it listens; ``lost`` is set once a connection has ended."""

    def connection_lost(self: Http, exc: Exception | None) -> None:
        Http.connection_lost(self, exc)
        if lost:
            lost.set()

    protocol = type("Limited", (Http,), {"most": most, "patience": patience, "connection_lost": connection_lost})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, http=protocol, log_config=None))  # type: ignore[arg-type]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def stillroom() -> App:
    return app_of(onnx_models.binary(), config=ServiceConfig(batching="off", timeout_seconds=1))


def closed_by_the_service(connection: socket.socket) -> bytes:
    """What came until the service closed the connection."""
    connection.settimeout(60)
    came = b""
    while piece := connection.recv(4096):
        came += piece
    return came


def until(true: Callable[[], bool]) -> None:
    for _ in range(6_000):
        if true():
            return
        time.sleep(0.01)
    raise TimeoutError


def answering(predictor: Predictor) -> App:
    app = App(PlainTextResponse("behind"))
    app.open(routes(predictor, ServiceConfig(timeout_seconds=600)), predictor.metrics)
    return app


def answer(connection: socket.socket) -> tuple[HTTPResponse, bytes]:
    """The next answer on a connection, and its body, in however many packets it comes."""
    response = HTTPResponse(connection)
    response.begin()
    return response, response.read()


def test_requests_beyond_those_that_may_wait_are_turned_away_on_a_connection_that_goes_on_working() -> None:
    app = Waits()
    with serving(app, most=2) as address, socket.create_connection(address) as late:
        waiting = [socket.create_connection(address) for _ in range(2)]
        for each in waiting:
            each.sendall(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        while app.waiting < 2:
            time.sleep(0.01)
        late.sendall(REQUEST)
        refused, sentence = answer(late)
        late.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        probe, _ = answer(late)
        app.go.set()
        answers = [answer(each)[1] for each in waiting]
        # Their places are free one turn of the server's loop after their last byte: this probe is that turn.
        late.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        answer(late)
        late.sendall(REQUEST)
        answered = answer(late)[1]

    assert refused.status == 503
    assert refused.headers["retry-after"] == "1"
    assert json.loads(sentence) == {"error": "too many requests are waiting already; try again"}
    assert probe.status == 200
    assert [*answers, answered] == [b"answered"] * 3


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"POST /predict HTT", b""),
        (b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n", b""),
        (b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n", b"408"),
        (b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n" + b'{"rows"', b"408"),
    ],
)
def test_a_client_that_never_finishes_holds_nothing(stillroom: App, sent: bytes, answered: bytes) -> None:
    with serving(stillroom, patience=1) as address, socket.create_connection(address) as connection:
        connection.sendall(sent)
        came = closed_by_the_service(connection)

        assert answered in came.split(b"\r\n")[0]
        assert httpx.post(f"http://{address[0]}:{address[1]}/predict", content=BODY, timeout=60).status_code == 200


def test_a_client_that_leaves_before_its_body_is_there_holds_nothing() -> None:
    predictor = predictor_of(onnx_models.binary(), config=ServiceConfig(timeout_seconds=600))
    with serving(answering(predictor)) as address:
        with socket.create_connection(address) as connection:
            connection.sendall(REQUEST[:-5])
            until(lambda: predictor.metrics.in_flight == 1)
        until(lambda: predictor.metrics.in_flight == 0)


class Busy(Model):
    """A real model whose calls wait until they are let go, and are written down."""

    def __init__(self) -> None:
        super().__init__(onnx_models.binary())
        self.go, self.calls = threading.Event(), 0

    def predict(self, columns: Columns) -> np.ndarray:
        self.calls += 1
        self.go.wait(60)
        return super().predict(columns)


def test_what_a_client_asked_that_has_left_is_not_run() -> None:
    model, config = Busy(), ServiceConfig(batching="off", deadline_seconds=600)
    batcher = Batcher(model.predict, max_rows=1, threaded=True)
    version = replace(Version.of("stillroom_t:v1", model, config), batcher=batcher)
    predictor = Predictor(Versions(version), config)
    with serving(answering(predictor)) as address, socket.create_connection(address) as patient:
        patient.sendall(REQUEST)
        until(lambda: model.calls == 1)
        with socket.create_connection(address) as gone:
            gone.sendall(REQUEST)
            until(lambda: predictor.metrics.in_flight == 2)
        until(lambda: predictor.metrics.in_flight == 1)
        model.go.set()
        answered, _ = answer(patient)
        patient.sendall(REQUEST)
        next_one, _ = answer(patient)

    assert (answered.status, next_one.status) == (200, 200)
    assert model.calls == 2


def test_an_answer_of_which_nothing_is_read_is_given_up() -> None:
    lost, large = threading.Event(), PlainTextResponse(b"x" * 50_000_000)
    with serving(large, patience=0.2, lost=lost) as address, socket.create_connection(address) as connection:
        connection.sendall(REQUEST)

        assert lost.wait(60)


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (REQUEST, True),
        (REQUEST[:-1], False),
        (REQUEST + REQUEST, False),
        (REQUEST.replace(b"POST", b"GET"), False),
        (REQUEST.replace(b"/predict", b"/admin/versions"), False),
        (REQUEST.replace(b"Content-Length: ", b"Transfer-Encoding: "), False),
        (REQUEST.replace(b"Content-Length: ", b"Content-Length: -"), False),
        (b"", False),
    ],
)
def test_only_a_whole_prediction_request_is_turned_away(data: bytes, whole: bool) -> None:
    assert is_whole_request(data) is whole
