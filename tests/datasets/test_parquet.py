"""Parquet tables: lazy in, lazy out, and never half a file."""

import fsspec
import polars as pl
import pytest
from kedro.io import DatasetError

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.parquet import ParquetDataset, ParquetFilesDataset

from .halted import killed

ROWS = pl.DataFrame({"a": [1, 2, None], "c": ["x", None, "z"]})


@pytest.fixture
def dataset(tmp_path):
    return ParquetDataset(filepath=str(tmp_path / "table.parquet"))


@pytest.mark.parametrize("table", [ROWS, ROWS.lazy()])
def test_a_table_is_saved_and_loaded_lazily(dataset, table):
    dataset.save(table)

    assert isinstance(dataset.load(), pl.LazyFrame)
    assert dataset.load().collect().equals(ROWS)


def test_blocks_are_saved_as_one_table_in_their_order(dataset, tmp_path):
    dataset.save({"b": ROWS.lazy(), "a": ROWS.tail(1).lazy()})

    assert dataset.load().collect().equals(pl.concat([ROWS, ROWS.tail(1)]))
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]


def test_a_table_may_be_made_from_the_one_it_replaces(dataset):
    dataset.save(ROWS)
    dataset.save(dataset.load().with_columns(a=pl.col("a") * 10))

    assert dataset.load().collect()["a"].to_list() == [10, 20, None]


@pytest.fixture
def elsewhere():
    fsspec.filesystem("memory").store.clear()
    return ParquetDataset(filepath="memory:///tables/table.parquet")


def test_elsewhere_it_goes_through_fsspec(elsewhere):
    elsewhere.save(ROWS.lazy())

    assert elsewhere.load().collect().equals(ROWS)


def test_elsewhere_a_query_that_fails_leaves_the_old_table(elsewhere):
    elsewhere.save(ROWS)
    with pytest.raises(DatasetError, match="conversion from `str` to `i64` failed"):
        elsewhere.save(ROWS.lazy().select(pl.col("c").cast(pl.Int64)))

    assert elsewhere.load().collect().equals(ROWS)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-4], lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"a,c\n1,x\n"]
)
def test_a_file_that_is_not_whole_is_said_in_one_sentence(dataset, tmp_path, damage):
    dataset.save(ROWS)
    file = tmp_path / "table.parquet"
    file.write_bytes(damage(file.read_bytes()))

    with pytest.raises(UnreadableError) as refusal:
        dataset.load()
    assert str(refusal.value).startswith(f"{file} is not a whole Parquet file (")
    assert "\n" not in str(refusal.value)


def in_parts(folder, names=("part-00000.parquet", "part-00001.parquet", "_SUCCESS")):
    folder.mkdir()
    for number, name in enumerate(names):
        if name != "_SUCCESS":
            ROWS.with_columns(part=pl.lit(number)).write_parquet(folder / name)
        else:
            (folder / name).touch()


def test_a_folder_that_spark_wrote_is_one_table(dataset, tmp_path):
    in_parts(tmp_path / "table.parquet")

    assert dataset.load().collect()["part"].to_list() == [0, 0, 0, 1, 1, 1]
    dataset.save(dataset.load())
    assert (tmp_path / "table.parquet").is_file()


def test_a_folder_that_spark_has_not_finished_is_refused(dataset, tmp_path):
    in_parts(tmp_path / "table.parquet", ["part-00000.parquet"])

    with pytest.raises(UnreadableError, match=r"is a folder that Spark has not written whole \(it holds no _SUCCESS\)"):
        dataset.load()


def test_a_file_that_is_not_there_is_said_in_one_sentence(dataset):
    with pytest.raises(UnreadableError, match=r"table\.parquet is not there: put it there"):
        dataset.load()


def test_a_query_that_fails_leaves_the_old_table(dataset, tmp_path):
    dataset.save(ROWS)
    with pytest.raises(DatasetError, match="conversion from `str` to `i64` failed"):
        dataset.save(ROWS.lazy().select(pl.col("c").cast(pl.Int64)))

    assert dataset.load().collect().equals(ROWS)
    assert [path.name for path in tmp_path.iterdir()] == ["table.parquet"]


HALF_SUNK = """
import polars as pl
from stillroom.datasets.parquet import ParquetDataset
done = 0
def slow(rows):
    global done
    done += 1
    if done == 5:
        halt()
    return rows
pl.LazyFrame({"a": range(1000)}).sink_parquet("source.parquet", row_group_size=100)
query = pl.scan_parquet("source.parquet").map_batches(slow, streamable=True)
ParquetDataset(filepath="table.parquet").save(query)
"""


def test_a_query_that_is_killed_leaves_the_old_table(dataset, tmp_path):
    dataset.save(ROWS)
    killed(HALF_SUNK, tmp_path)

    assert any(path.name.endswith(".tmp") for path in tmp_path.iterdir())
    assert dataset.load().collect().equals(ROWS)


def test_the_preview_is_the_first_rows_as_text(dataset):
    dataset.save(ROWS)

    assert dataset.preview(nrows=2) == {"index": [0, 1], "columns": ["a", "c"], "data": [["1", "x"], ["2", ""]]}


@pytest.fixture
def folder(tmp_path):
    """Two files of one table, and another file."""
    for name, rows in (("b", ROWS.tail(1)), ("a", ROWS.head(2))):
        rows.write_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / ".c.parquet.1.tmp").write_text("half a file")
    return tmp_path


@pytest.mark.parametrize(("path", "rows"), [("", ROWS), ("*.parquet", ROWS), ("b.parquet", ROWS.tail(1))])
def test_a_table_may_lie_in_many_files(folder, path, rows):
    table = ParquetFilesDataset(filepath=str(folder / path)).load()

    assert isinstance(table, pl.LazyFrame)
    assert table.collect().equals(rows)


@pytest.mark.parametrize("path", ["nothing", "*.csv"])
def test_a_pattern_that_names_no_file_is_said_in_one_sentence(folder, path):
    with pytest.raises(UnreadableError, match="there is no such Parquet file: put it there, or name another"):
        ParquetFilesDataset(filepath=str(folder / path)).load()


def test_files_of_different_columns_are_named_with_them(folder):
    ROWS.with_columns(pl.col("a").cast(pl.Float64)).write_parquet(folder / "c.parquet")

    with pytest.raises(UnreadableError) as refusal:
        ParquetFilesDataset(filepath=str(folder)).load()
    assert str(refusal.value) == (
        f"{folder}/c.parquet and {folder}/a.parquet have other columns, or the same in another order or type (a): "
        "write one of them anew"
    )


def test_many_files_cannot_be_saved_to(folder):
    with pytest.raises(DatasetError, match="is only read from: save to a ParquetDataset"):
        ParquetFilesDataset(filepath=str(folder)).save(ROWS)
