import numpy as np
import pandas as pd
import polars as pl
import pytest

from stillroom.resources import rows

TABLE = pl.DataFrame({"a": range(7)})


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (TABLE, 7),
        (pd.DataFrame({"a": [1, 2]}), 2),
        (np.zeros((5, 3)), 5),
        (np.float64(1.0), None),
        (TABLE.lazy(), None),
        ({"a": TABLE}, None),
        ("seven rows", None),
    ],
)
def test_rows_are_those_of_frames_and_arrays(data, count):
    assert rows(data) == count


def test_a_lazy_query_has_the_rows_of_its_files(tmp_path):
    files = [str(tmp_path / name) for name in ("a.parquet", "b.parquet")]
    for file in files:
        TABLE.write_parquet(file)

    assert rows(pl.scan_parquet(files).filter(pl.col("a") > 3), files) == 14
