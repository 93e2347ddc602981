"""Files that are written together: all, or none."""

from functools import partial
from pathlib import Path

import pytest

from stillroom.adoption.files import write_together


def failing(path: Path) -> None:
    path.write_text("half")
    raise OSError("the disk is full")


def test_where_one_cannot_be_written_none_is(tmp_path: Path) -> None:
    first, second, old = tmp_path / "first", tmp_path / "in" / "second", tmp_path / "old"
    old.write_text("before")
    written = partial(Path.write_text, data="now")
    with pytest.raises(OSError, match="disk is full"):
        write_together({first: written, old: written, second: failing})
    assert old.read_text() == "before"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["old"]


def test_where_one_cannot_be_put_in_place_the_others_are_as_before(tmp_path: Path) -> None:
    new, old, folder = tmp_path / "new", tmp_path / "old", tmp_path / "folder"
    old.write_text("before")
    (folder / "in").mkdir(parents=True)
    written = partial(Path.write_text, data="now")
    with pytest.raises(OSError, match="folder"):
        write_together({new: written, old: written, folder: written})
    assert old.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "old"]


def test_all_are_written(tmp_path: Path) -> None:
    write_together({tmp_path / name: partial(Path.write_text, data=name) for name in ("a", "b")})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "a", "b": "b"}
