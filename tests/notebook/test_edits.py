import os

from stillroom.notebook.edits import Edits


def test_a_written_a_new_and_a_removed_file_are_each_found_once(tmp_path):
    declared = tmp_path / "trainer" / "cpu.yaml"
    declared.parent.mkdir()
    declared.write_text("devices: 1")
    edits = Edits(tmp_path)
    assert not edits.found()

    os.utime(declared, ns=(1, 1))
    assert (edits.found(), edits.found()) == (True, False)
    (tmp_path / "own.py").write_text("")
    assert (edits.found(), edits.found()) == (True, False)
    declared.unlink()
    assert (edits.found(), edits.found()) == (True, False)


def test_what_neither_declares_nor_runs_is_not_looked_at(tmp_path):
    edits = Edits(tmp_path)
    (tmp_path / "notes.txt").write_text("")
    assert not edits.found()
