"""From a served Bento's `/metrics` to a webhook, through the real Prometheus and Alertmanager."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest

from deploy.conftest import MOST, Watched, monitored
from deploy.programs import ask, eventually

pytestmark = pytest.mark.slow


def test_drift_that_the_monitoring_found_reaches_the_receiver_until_it_is_over(watched: Watched) -> None:
    came = watched.came
    page = eventually(lambda: came.last("/page", alertname="StillroomPredictionDrift"), "a page")
    ticket = eventually(lambda: came.last("/ticket", alertname="StillroomInputDrift"), "a ticket")

    assert (page["status"], page["labels"]["table"]) == ("firing", "flights")
    assert page["annotations"]["summary"] == "The predictions for flights drifted"
    assert (ticket["status"], ticket["labels"]["column"]) == ("firing", "temp")
    assert came.last("/ticket", column="carrier") is None
    assert came.last("/page", alertname="StillroomQualityLost") is None

    new = watched.drift_file.with_suffix(".new")
    new.write_text(monitored(drifted=False))
    new.replace(watched.drift_file)
    eventually(lambda: came.last("/page", alertname="StillroomPredictionDrift")["status"] == "resolved", "resolved")


def test_requests_turned_away_page(watched: Watched) -> None:
    assert watched.predict().status_code == 200

    def paged() -> bool:
        assert status_of_one_packet(watched.service) == 503
        return watched.came.last("/page", alertname="StillroomShedding") is not None

    with ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(unfinished_request(watched.service))
        eventually(lambda: status_of_one_packet(watched.service) == 503, "a request turned away")
        eventually(paged, "a page for requests turned away")
    [share] = ask(watched.prometheus, "job:stillroom_requests_shed:ratio_rate5m")
    assert share["metric"] == {"__name__": "job:stillroom_requests_shed:ratio_rate5m", "job": "stillroom"}
    assert 0.05 < float(share["value"][1]) <= 1
    eventually(lambda: watched.predict().status_code == 200, "a request answered")


@contextmanager
def unfinished_request(url: str) -> Iterator[None]:
    """Takes one of the places there are, since its body does not end."""
    with connection(url) as opened:
        opened.sendall(b'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"rows"')
        yield


def status_of_one_packet(url: str) -> int:
    """How a request is answered whose head and body come together, as they do from a loaded proxy."""
    with connection(url) as opened:
        opened.sendall(b'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n{"rows":[{}]}')
        answer = HTTPResponse(opened)
        answer.begin()
        answer.read()
        return answer.status


def connection(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=60)
