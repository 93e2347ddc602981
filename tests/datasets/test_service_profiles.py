from datetime import UTC, date, datetime
from pathlib import Path

import fsspec
import numpy as np
import pytest
from kedro.io import DatasetError

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.json_lines import JsonLinesFilesDataset
from stillroom.datasets.optional import OptionalDataset
from stillroom.datasets.profile import ServiceProfilesDataset
from stillroom.profiles import fold, new_profile, rows, to_bytes


def profiled(values: list[float], at: datetime) -> bytes:
    profile = new_profile(at)
    fold(profile, {"price": np.array(values)})
    return to_bytes(profile)


def test_the_files_of_all_replicas_are_merged_by_the_day_they_are_of(tmp_path: Path) -> None:
    written = {
        "shop-v1-b-20240102T230000-0.bin": profiled([1.0, 2.0], datetime(2024, 1, 2, 23, tzinfo=UTC)),
        "shop-v1-a-20240102T000000-0.bin": profiled([3.0], datetime(2024, 1, 2, tzinfo=UTC)),
        "shop-v1-a-20240101T120000-9.bin": profiled([4.0], datetime(2024, 1, 1, 12, tzinfo=UTC)),
        "other-v1-a-20240101T120000-0.bin": profiled([5.0] * 9, datetime(2024, 1, 1, 12, tzinfo=UTC)),
        ".shop-v1-a.journal": b"",
    }
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)

    found = ServiceProfilesDataset(filepath=f"{tmp_path}/shop-*.bin").load()

    assert [(day, rows(view)) for day, view in found.items()] == [(date(2024, 1, 1), 1), (date(2024, 1, 2), 3)]
    assert found[date(2024, 1, 2)].get_column("price").get_metric("distribution").max == 3.0


def test_any_filesystem_will_do_and_later_files_are_seen() -> None:
    filesystem = fsspec.filesystem("memory")
    dataset = ServiceProfilesDataset(filepath="memory:///watched/shop-*.bin")
    assert not dataset.exists()
    with pytest.raises(UnreadableError, match="no service has written a profile there yet"):
        dataset.load()
    for hour in (0, 1):
        filesystem.pipe_file(f"/watched/shop-{hour}.bin", profiled([1.0], datetime(2024, 1, 1, hour, tzinfo=UTC)))
        assert rows(dataset.load()[date(2024, 1, 1)]) == hour + 1
    assert dataset.exists()


def test_a_file_that_is_no_profile_is_named_and_nothing_is_saved(tmp_path: Path) -> None:
    (tmp_path / "shop-1.bin").write_bytes(b"WHY1 and no more")
    dataset = ServiceProfilesDataset(filepath=f"{tmp_path}/shop-*.bin")
    with pytest.raises(UnreadableError, match=r"shop-1\.bin is not a whole whylogs profile .*; move it away"):
        dataset.load()
    with pytest.raises(DatasetError, match="only read from"):
        dataset.save({})  # type: ignore[arg-type]


def test_what_need_not_be_there_is_none_until_it_is(tmp_path: Path) -> None:
    named = {"type": JsonLinesFilesDataset, "filepath": f"{tmp_path}/*.jsonl"}
    dataset = OptionalDataset(dataset=named)
    assert dataset.load() is None
    (tmp_path / "a.jsonl").write_text('{"row_id": "1"}\n')
    assert dataset.load().collect().to_dict(as_series=False) == {"row_id": ["1"]}
    with pytest.raises(DatasetError, match="only read from"):
        dataset.save("more")  # type: ignore[arg-type]
