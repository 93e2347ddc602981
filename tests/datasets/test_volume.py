import polars as pl
import pytest
from kedro.io import CachedDataset, MemoryDataset

from stillroom.datasets.parquet import ParquetDataset, ParquetFilesDataset
from stillroom.datasets.text import JsonDataset
from stillroom.datasets.volume import volume
from stillroom.resources import Moved

TABLE = pl.DataFrame({"a": range(1000), "b": ["x" * 20] * 1000})


@pytest.fixture
def parquet(tmp_path):
    dataset = ParquetDataset(filepath=str(tmp_path / "tables/one.parquet"))
    dataset.save(TABLE.lazy())
    return dataset


def size(path):
    return path.stat().st_size


def test_a_parquet_file_has_its_rows_and_its_size(parquet, tmp_path):
    written = size(tmp_path / "tables/one.parquet")

    assert volume(parquet, parquet.load()) == Moved(1000, written)
    assert volume(parquet, TABLE.lazy().head(10)) == Moved(1000, written)


@pytest.mark.parametrize("named", ["tables", "tables/*.parquet"])
def test_a_folder_and_a_pattern_have_those_of_their_files(parquet, tmp_path, named):
    TABLE.head(30).write_parquet(tmp_path / "tables/two.parquet")
    dataset = ParquetFilesDataset(filepath=str(tmp_path / named))

    sizes = size(tmp_path / "tables/one.parquet") + size(tmp_path / "tables/two.parquet")
    assert volume(dataset, dataset.load()) == Moved(1030, sizes)


def test_a_version_has_the_size_of_its_own_file(tmp_path):
    from kedro.io import Version

    dataset = JsonDataset(filepath=str(tmp_path / "a.json"), version=Version(None, "2026-01-01T00.00.00.000Z"))
    dataset.save({"a": 1})

    assert volume(dataset, {"a": 1}) == Moved(None, size(tmp_path / "a.json/2026-01-01T00.00.00.000Z/a.json"))


def test_a_cached_dataset_has_the_size_of_what_it_caches(tmp_path):
    dataset = CachedDataset(JsonDataset(filepath=str(tmp_path / "a.json")))
    dataset.save([1, 2])

    assert volume(dataset, [1, 2]) == Moved(None, size(tmp_path / "a.json"))


def test_what_is_in_memory_has_no_bytes():
    assert volume(MemoryDataset(), TABLE) == Moved(1000, None)
    assert volume(MemoryDataset(), TABLE.lazy()) == Moved(None, None)
