"""How files are read: separators, encodings, packing, and what is refused."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from stillroom.adoption import Reading, open_source
from stillroom.adoption.csv_files import find_separator
from stillroom.table.errors import InputError

PLAIN = Reading()


def opened(path: Path, reading: Reading = PLAIN) -> pl.DataFrame:
    return open_source(str(path), path.parent, reading).frame.collect()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^", "~", " "])
def test_the_separator_is_found(separator: str) -> None:
    lines = [["id", "price", "note"], ["1", "9.5", '"a, b; c"'], ["2", "8.5", "d"], ["3", "7.5", "e"]]
    assert find_separator("\n".join(separator.join(line) for line in lines) + "\n") == separator


def test_commas_within_numbers_do_not_separate() -> None:
    assert find_separator("a;b;c\n1,5;2,5;3\n1,7;2;3\n") == ";"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("name;straße\nJosé;Höhe\n".encode(encoding))
    assert opened(file).to_dict(as_series=False) == {"name": ["José"], "straße": ["Höhe"]}


def test_an_encoding_that_is_said_wins(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("a,b\nж,1\n".encode("cp1251"))
    assert opened(file, Reading(encoding="cp1251"))["a"].to_list() == ["ж"]
    with pytest.raises(InputError, match=r"a\.csv is not ascii .* name its encoding with --encoding"):
        opened(file, Reading(encoding="ascii"))


def test_a_packed_file_and_a_url_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,x\n"))
    (tmp_path / "fetched").mkdir()
    url = f"file://{tmp_path / 'a.csv.gz'}"
    assert open_source(url, tmp_path / "fetched", PLAIN).frame.collect().rows() == [("1", "x")]


def test_parquet_is_known_by_its_content(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1], "b": ["x"]}).write_parquet(tmp_path / "rows.data")
    assert opened(tmp_path / "rows.data").rows() == [(1, "x")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "a.csv is empty: there is no line of column names in it"),
        (b"a,b,a\n1,2,3\n", "a.csv has more than one column called a: rename all but one of each"),
        (b"1,2,3\n4,5,6\n", "the first line of a.csv holds numbers"),
        (b'{"a": 1}\n', "is neither a CSV nor a Parquet file"),
        (b"PK\x03\x04\0\0\0", "is neither a CSV nor a Parquet file"),
        (b"PAR1 and no more", "is not a whole Parquet file"),
        (b"\x1f\x8b not gzip", "is not whole gzip"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        opened(file)


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("nowhere.csv", "nowhere.csv is not there"),
        ("/tmp", "/tmp is a folder"),
        ("file:///nowhere/a.csv", r"cannot be fetched \(FileNotFoundError"),
        ("gopher://nowhere/a.csv", r"cannot be fetched \(ValueError"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, location: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        open_source(location, tmp_path, PLAIN)
