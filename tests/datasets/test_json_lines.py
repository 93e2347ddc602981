import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from kedro.io import DatasetError

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.json_lines import JsonLinesFilesDataset


def test_files_follow_one_another_and_dates_are_dates(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"row_id": "2", "predicted_on": "2024-01-02", "prediction": 1}\n')
    (tmp_path / "a.jsonl").write_text('{"row_id": "1", "predicted_on": "2024-01-01", "prediction": 0.5}\n')
    found = JsonLinesFilesDataset(filepath=f"{tmp_path}/*.jsonl").load().collect()
    assert found.to_dict(as_series=False) == {
        "row_id": ["1", "2"],
        "predicted_on": [dt.date(2024, 1, 1), dt.date(2024, 1, 2)],
        "prediction": [0.5, 1.0],
    }


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no such file of JSON lines"):
        JsonLinesFilesDataset(filepath=f"{tmp_path}/*.jsonl").load()
    (tmp_path / "a.jsonl").write_text('{"row_id": ')
    with pytest.raises(UnreadableError, match=r"a\.jsonl is not whole JSON lines"):
        JsonLinesFilesDataset(filepath=f"{tmp_path}/*.jsonl").load()
    with pytest.raises(DatasetError, match="only read from"):
        JsonLinesFilesDataset(filepath=f"{tmp_path}/a.jsonl").save(pl.LazyFrame())
