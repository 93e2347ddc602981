"""The HTTP protocol itself, asked over sockets."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse

import httpx
import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from serving import onnx_models
from stillroom.serving.app import App, routes
from stillroom.serving.http import Http, is_whole_request
from stillroom.serving.model import Model
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
def serving(app: object, most: int = 256, patience: float = 10.0) -> Iterator[tuple[str, int]]:
    protocol = type("Limited", (Http,), {"most": most, "patience": patience})
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
    config = ServiceConfig(batching="off", timeout_seconds=0.3)
    app = App(PlainTextResponse("behind"))
    predictor = Predictor(Versions(Version.of("stillroom_t:v1", Model(onnx_models.binary()), config)), config)
    app.open(routes(predictor, config), predictor.metrics)
    return app


def closed_by_the_service(connection: socket.socket) -> bytes:
    """What came until the service closed the connection."""
    connection.settimeout(5)
    came = b""
    while piece := connection.recv(4096):
        came += piece
    return came


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
    with serving(stillroom, patience=0.3) as address, socket.create_connection(address) as connection:
        connection.sendall(sent)
        came = closed_by_the_service(connection)

        assert answered in came.split(b"\r\n")[0]
        assert httpx.post(f"http://{address[0]}:{address[1]}/predict", content=BODY).status_code == 200


def test_a_client_that_leaves_in_the_middle_holds_nothing(stillroom: App) -> None:
    with serving(stillroom) as address:
        for _ in range(20):
            with socket.create_connection(address) as connection:
                connection.sendall(REQUEST[:-5])
        time.sleep(0.5)
        for _ in range(3):
            assert httpx.post(f"http://{address[0]}:{address[1]}/predict", content=BODY).status_code == 200


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
