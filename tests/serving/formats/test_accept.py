import json

import pytest

from serving.formats.asking import ROWS, ask

BODY = json.dumps({"rows": ROWS}).encode()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("Text/CSV", "text/csv"),
        ("text/*", "text/csv"),
        ("text/html, text/csv;q=0.5", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("text/csv;q=0, */*;q=0.1", "application/json"),
        ("text/csv, */*", "application/json"),
    ],
)
def test_the_header_accept_chooses_the_answers_format(accept: str, media_type: str) -> None:
    answer = ask(BODY, "application/json", accept)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", ""])
def test_an_answer_in_no_known_format_is_refused_with_the_choices(accept: str) -> None:
    answer = ask(BODY, "application/json", accept)

    assert answer.status_code == 406
    assert answer.json()["error"].startswith(f"cannot answer as {accept}; the choices are: application/json, ")


def test_a_quality_that_is_no_number_is_refused() -> None:
    answer = ask(BODY, "application/json", "text/csv;q=high")

    assert answer.status_code == 400
    assert answer.json()["error"] == 'the header Accept has the quality "high", which is no number'
