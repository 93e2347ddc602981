import csv
import io

import numpy as np
import polars as pl
import pytest

from serving import onnx_models
from serving.formats.asking import CONFIG, ROWS, ask, in_json
from stillroom.serving.settings import ServiceConfig

HEADER = "distance,hour,carrier,origin\n"


def refused(text: str | bytes, config: ServiceConfig = CONFIG) -> tuple[int, str]:
    answer = ask(text if isinstance(text, bytes) else text.encode(), "text/csv", config=config)
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, answer.json()["error"]


def test_the_answer_to_csv_is_the_answer_to_json() -> None:
    answer = ask(pl.DataFrame(ROWS).write_csv().encode(), "text/csv; charset=utf-8")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv"
    assert answer.headers["x-model-version"] == "v1"
    table = pl.read_csv(answer.content, schema_overrides=[pl.Float32])
    assert table.columns == ["prediction"]
    np.testing.assert_array_equal(table["prediction"].to_numpy(), in_json())


def test_a_multiclass_answer_has_a_column_for_each_class() -> None:
    answer = ask(pl.DataFrame(ROWS).write_csv().encode(), "text/csv", onnx=onnx_models.multiclass())

    header, *rows = csv.reader(io.StringIO(answer.text))
    assert header == ["probability_early", "probability_punctual", "probability_late"]
    np.testing.assert_array_equal(np.float32(rows), in_json(onnx=onnx_models.multiclass()))


def test_columns_may_come_in_any_order_after_a_byte_order_mark_and_with_crlf() -> None:
    text = '\ufefforigin,hour,carrier,distance\r\n"JFK",7,UA, 2.50 \r\n7,9,"",\r\n'

    answer = ask(text.encode(), "text/csv", "application/json")

    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), in_json(ROWS[:2]))


def test_a_category_keeps_its_text() -> None:
    answers = [ask(f"{HEADER}1,1,UA,{origin}\n".encode(), "text/csv").text for origin in ("7", "007", "7.0", "nan")]

    known, *unseen = answers
    assert len(set(unseen)) == 1
    assert known not in unseen


def test_a_line_without_text_is_a_missing_value_of_the_only_column() -> None:
    onnx = onnx_models.make(
        onnx_models.Signature(table="t", task="regression", target="y", inputs=onnx_models.inputs(["a"]))
    )

    answer = ask(b'a\n1\n\n""\n3', "text/csv", "application/json", onnx)

    predictions = answer.json()["predictions"]
    assert predictions == [pytest.approx(predictions[0] * factor) for factor in (1, 0, 0, 3)]


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("", 400, "the body is empty; send CSV whose first line names the columns"),
        (b"\xff\xfe", 400, "the body is not UTF-8 text: byte 0 cannot be decoded"),
        (f'{HEADER}1,1,"UA"x,JFK', 400, "the body is not valid CSV: line 2: ',' expected after '\"'"),
        (f'{HEADER}1,1,"UA,JFK', 400, "the body is not valid CSV: line 2: unexpected end of data"),
        (HEADER, 422, "the CSV has no row under its header"),
        (f"{HEADER}1,1,UA", 422, "rows[0] has 3 values, but there are 4 columns"),
        (f"{HEADER}1,1,UA,JFK\n\n", 422, "rows[1] has 1 values, but there are 4 columns"),
        (f"{HEADER}1,x,UA,JFK", 422, 'rows[0], column hour: expected a number or null, found the text "x"'),
        (f"{HEADER}1,1_0,UA,JFK", 422, 'rows[0], column hour: expected a number or null, found the text "1_0"'),
        (f"{HEADER}1,inf,UA,JFK", 422, "rows[0], column hour: inf is beyond the largest 32-bit float, 3.4e38"),
    ],
)
def test_csv_that_cannot_be_read_is_refused(text: str | bytes, status: int, sentence: str) -> None:
    assert refused(text) == (status, sentence)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("distance,hour,carrier", "lacks the column origin"),
        ("distance,hour,carrier,origin,gate", 'has the unknown column "gate"'),
        ("distance,hour,carrier,origin,hour", "names hour twice"),
        ("1.5,7,UA,JFK", 'has the unknown column "1.5"'),
    ],
)
def test_a_header_of_other_columns_is_refused_by_name(header: str, problem: str) -> None:
    sentence = f"the CSV's header {problem}; the model takes: distance, hour, carrier, origin"

    assert refused(f"{header}\n{header}") == (422, sentence)


def test_more_rows_than_one_request_may_hold_are_refused() -> None:
    status, sentence = refused(HEADER + "1,1,UA,JFK\n" * 4, ServiceConfig(max_rows=3))

    assert (status, sentence) == (413, "4 rows are more than the 3 that one request may hold")
