"""What the decoder's process writes is read as it was, and can be nothing but values."""

import numpy as np
import orjson
import pytest

from stillroom.serving.formats.decoder.wire import Batch, LookedUp


def test_columns_are_read_as_they_were_written() -> None:
    numbers, half = np.array([0.1, np.nan, -np.inf]), np.array([1, 2, 3], np.float16)
    texts, codes = ["UA", None, 'a "quoted" ü'], [2**64 - 1, True, None]
    repeated = LookedUp(["JFK", "EWR"], np.array([1, -1, 0]))
    columns = {"distance": numbers, "carrier": texts, "gate": codes, "origin": repeated, "hour": half}

    read = Batch.of(columns, rows=3).read()

    np.testing.assert_array_equal(read["distance"], numbers)
    np.testing.assert_array_equal(read["hour"], half)
    assert read["hour"].dtype == np.float16
    assert (read["carrier"], read["gate"]) == (texts, codes)
    assert read["origin"].tolist() == ["EWR", None, "JFK"]


@pytest.mark.parametrize(
    "column", [{"dtype": "O"}, {"dtype": "<f8"}, {"values": ["a"]}, {"dtype": "<i4", "values": []}, {"dtype": "S9"}]
)
def test_what_is_no_column_of_its_rows_is_an_error(column: dict) -> None:
    told = orjson.dumps({"rows": 2, "columns": {"hour": column}})

    with pytest.raises((ValueError, IndexError)):
        Batch(told, np.array([7, 7], "<i4").tobytes()).read()
