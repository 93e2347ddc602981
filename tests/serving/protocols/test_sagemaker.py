"""SageMaker's contract with containers, as its documentation has it, asked over HTTP."""

from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from serving import onnx_models
from serving.loopback import app_of, loopback
from serving.protocols.rows import LISTS, NAMES, ROWS, expected
from stillroom.serving.settings import ServiceConfig

JSON, CSV = "application/json", "text/csv"
CONFIG = ServiceConfig(max_rows=5)
LINES = "2.5,7,UA,JFK\n,9,unseen,\n-1.25,23,DL,EWR\n"


@pytest.fixture(scope="module", params=["binary", "multiclass"])
def service(request: pytest.FixtureRequest) -> Iterator[tuple[str, bytes]]:
    """Where the service listens, and its model."""
    onnx = getattr(onnx_models, request.param)()
    with loopback(app_of(onnx, config=CONFIG)) as address:
        yield f"http://{address}", onnx


def invoke(url: str, content: str | bytes, content_type: str, accept: str | None = None) -> httpx.Response:
    headers = {"content-type": content_type} | ({"accept": accept} if accept else {})
    return httpx.post(f"{url}/invocations", content=content, headers=headers)


def lines(answer: httpx.Response) -> np.ndarray:
    """A CSV answer without a line of names: [rows, values]."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == CSV
    assert answer.text.endswith("\n")
    return np.float32([line.split(",") for line in answer.text.splitlines()])


def test_ping_is_answered_with_200_once_the_model_is_loaded(service: tuple[str, bytes]) -> None:
    assert httpx.get(f"{service[0]}/ping").status_code == 200


@pytest.mark.parametrize("instances", [ROWS, LISTS], ids=["objects", "lists"])
def test_json_is_answered_in_json(service: tuple[str, bytes], instances: list) -> None:
    url, onnx = service

    answer = httpx.post(f"{url}/invocations", json={"instances": instances})

    assert answer.headers["content-type"] == JSON
    assert answer.json().keys() == {"predictions"}
    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(onnx))


@pytest.mark.parametrize(
    "body",
    [
        LINES,
        LINES.replace("\n", "\r\n"),
        "\ufeff" + LINES,
        LINES.removesuffix("\n"),
        ",".join(NAMES) + "\n" + LINES,
        "hour,distance,carrier,origin\n7,2.5,UA,JFK\n9,,unseen,\n23,-1.25,DL,EWR\n",
    ],
    ids=["bare", "crlf", "byte order mark", "no last newline", "with names", "with names in another order"],
)
def test_csv_is_answered_a_line_a_row(service: tuple[str, bytes], body: str) -> None:
    url, onnx = service

    found = lines(invoke(url, body, CSV))

    np.testing.assert_array_equal(found, expected(onnx).reshape(3, -1))


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (CSV, CSV),
        (JSON, JSON),
        ("*/*", CSV),
        ("application/json;q=0.2, text/csv;q=0.9", CSV),
        ("text/csv;q=0.1, application/*", JSON),
    ],
)
def test_accept_chooses_the_format_of_the_answer(service: tuple[str, bytes], accept: str, answered: str) -> None:
    url, onnx = service

    answer = invoke(url, LINES, "text/csv; charset=utf-8", accept)

    assert answer.headers["content-type"] == answered
    found = lines(answer) if answered == CSV else np.float32(answer.json()["predictions"]).reshape(3, -1)
    np.testing.assert_array_equal(found, expected(onnx).reshape(3, -1))


@pytest.mark.parametrize(
    ("content", "content_type", "accept", "status", "words"),
    [
        (
            LINES,
            "application/x-parquet",
            None,
            415,
            "cannot read a body of application/x-parquet; the choices are: application/json",
        ),
        (LINES, CSV, "image/png", 406, "cannot answer as image/png; the choices are: application/json, text/csv"),
        ("", CSV, None, 400, "the body is empty"),
        ("1,2\n", CSV, None, 422, "rows[0] has 2 values, but there are 4 columns"),
        ("1,x,UA,JFK\n", CSV, None, 422, 'rows[0], column hour: expected a number or null, found the text "x"'),
        ('1,2,UA,JFK\n1,"2', CSV, None, 400, "not valid CSV"),
        (b"\xff\xfe1,2\n", CSV, None, 400, "not UTF-8 text"),
        (LINES * 2, CSV, None, 413, "6 rows are more than the 5"),
        ('{"rows": []}', JSON, None, 400, 'the body lacks the key "instances"'),
    ],
)
def test_a_bad_request_gets_one_sentence(
    service: tuple[str, bytes], content: str | bytes, content_type: str, accept: str | None, status: int, words: str
) -> None:
    answer = invoke(service[0], content, content_type, accept)

    assert answer.status_code == status
    assert answer.headers["content-type"] == JSON
    assert answer.json().keys() == {"error"}
    assert words in answer.json()["error"]
