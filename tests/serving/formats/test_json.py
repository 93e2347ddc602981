import json

import numpy as np
import pytest

from serving.formats.asking import ROWS, ask, in_json


def test_columns_are_answered_as_rows_are() -> None:
    columns = {name: [row[name] for row in ROWS] for name in ROWS[0]}

    answer = ask(json.dumps({"columns": columns}).encode(), "application/json")

    assert answer.headers["x-model-version"] == "v1"
    assert answer.json()["model"] == "stillroom_t:v1"
    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), in_json())


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([], '"columns" must be an object of at least one list of values, found an empty list'),
        ({}, '"columns" must be an object of at least one list of values, found an empty object'),
        ({"hour": 3}, 'the column "hour" must be a list of values, found the number 3'),
        ({"hour": [1, "x"]}, 'rows[1], column hour: expected a number or null, found the text "x"'),
        ({"hour": [1], "gate": [1]}, 'the request has the unknown column "gate"'),
        ({"hour": [1], "distance": []}, "the columns are of different lengths"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: object, words: str) -> None:
    answer = ask(json.dumps({"columns": columns}).encode(), "application/json")

    assert answer.status_code == 422
    assert answer.json()["error"].startswith(words)
