"""The fingerprint of a file is that of its content; of a large one only the ends are read."""

import os

import pytest

from stillroom.fingerprints import files
from stillroom.fingerprints.files import file_fingerprint, tree_fingerprint


def test_the_same_content_in_another_file_is_the_same(tmp_path):
    for name, content in {"a": b"rows", "b": b"rows", "c": b"Rows"}.items():
        (tmp_path / name).write_bytes(content)

    a, b, c = (file_fingerprint(tmp_path / name) for name in "abc")

    assert a == b != c


@pytest.mark.parametrize(("place", "seconds"), [(0, 0), (-1, 0), (500, 1)])
def test_a_large_file_is_known_by_its_ends_its_size_and_its_time(tmp_path, monkeypatch, place, seconds):
    monkeypatch.setattr(files, "READ_WHOLE", 100)
    monkeypatch.setattr(files, "SAMPLE", 10)
    file, content = tmp_path / "rows", bytearray(1000)
    file.write_bytes(content)
    written = file.stat().st_mtime_ns
    before = file_fingerprint(file)
    files._fingerprint.cache_clear()

    content[place] = 1
    file.write_bytes(content)
    os.utime(file, ns=(written, written + seconds * 10**9))

    assert file_fingerprint(file) != before


def test_a_tree_is_known_by_its_names_and_contents(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package/nodes.py").write_text("x = 1")
    before = tree_fingerprint(tmp_path)

    (tmp_path / "package/nodes.pyc").write_text("compiled")
    same = tree_fingerprint(tmp_path)
    (tmp_path / "package/nodes.py").rename(tmp_path / "package/node.py")

    assert before == same != tree_fingerprint(tmp_path)
