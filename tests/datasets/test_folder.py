"""Folders are replaced as a whole: nobody ever takes a part of one for all of it."""

import datetime as dt

import fsspec
import onnx
import pytest

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.onnx import OnnxFolderDataset
from stillroom.datasets.profile import DailyProfilesDataset, ProfileDataset
from stillroom.integrity.digests import sha256
from stillroom.profiles import fold, new_profile, rows

from .halted import HALF_WRITTEN, killed

MODELS = """
import onnx
def model(name):
    graph = onnx.helper.make_graph([], name, [], [])
    return onnx.helper.make_model(graph)
"""
SAVE_NEW = f"""
{MODELS}
from stillroom.datasets.onnx import OnnxFolderDataset
OnnxFolderDataset(filepath="models").save({{name: model("new " + name) for name in ("student", "pruned")}})
"""
HALF_REMOVED = """
import shutil
from pathlib import Path
def rmtree(path):
    next(Path(path).iterdir()).unlink()
    halt()
shutil.rmtree = rmtree
"""
BETWEEN_RENAMES = """
from pathlib import Path
Path.replace = lambda *paths: halt()
"""


@pytest.fixture
def dataset(tmp_path):
    return OnnxFolderDataset(filepath=str(tmp_path / "models"))


def model(name):
    return onnx.helper.make_model(onnx.helper.make_graph([], name, [], []))


def graphs(models):
    return {name: found.graph.name for name, found in models.items()}


def old():
    return {"teacher": model("old teacher"), "student": model("old student")}


OLD = {"teacher": "old teacher", "student": "old student"}
NEW = {"student": "new student", "pruned": "new pruned"}


def test_items_are_files_by_name_and_keep_their_order(dataset, tmp_path):
    dataset.save(old())

    assert list(graphs(dataset.load()).items()) == list(OLD.items())
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [
        "index.json",
        "student.onnx",
        "teacher.onnx",
    ]


def test_a_file_changed_by_one_bit_is_refused(dataset, tmp_path):
    dataset.save(old())
    file = tmp_path / "models/student.onnx"
    saved = file.read_bytes()
    changed = saved.replace(b"old student", b"old studenu")
    file.write_bytes(changed)
    told = f"its SHA-256 is {sha256(changed)}, expected {sha256(saved)}; run the pipeline"

    with pytest.raises(UnreadableError, match=rf"student\.onnx is not the file that was saved: {told}"):
        dataset.load()


@pytest.mark.parametrize("protocol", ["file", "memory"])
def test_saving_replaces_all_items(tmp_path, protocol):
    fsspec.filesystem("memory").store.clear()
    dataset = OnnxFolderDataset(filepath=f"{protocol}://{tmp_path}/models")
    dataset.save(old())
    dataset.save({name: model(graph) for name, graph in NEW.items()})

    assert graphs(dataset.load()) == NEW
    assert not dataset._fs.exists(f"{tmp_path}/models/teacher.onnx")


def test_no_items_are_an_empty_folder_not_a_missing_one(dataset):
    dataset.save({})

    assert dataset.load() == {}


def test_a_save_that_fails_leaves_the_old_folder(dataset, tmp_path):
    dataset.save(old())
    with pytest.raises(Exception, match="SerializeToString"):
        dataset.save({"student": model("new student"), "broken": None})

    assert graphs(dataset.load()) == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


@pytest.mark.parametrize("lost", ["index.json", "teacher.onnx"])
def test_a_folder_that_lacks_a_file_is_not_whole(dataset, tmp_path, lost):
    dataset.save(old())
    (tmp_path / "models" / lost).unlink()

    with pytest.raises(UnreadableError, match=r"models is not whole, it has no index\.json|models cannot be read"):
        dataset.load()


def test_where_folders_cannot_be_renamed_a_half_written_one_is_refused():
    fsspec.filesystem("memory").store.clear()
    dataset = OnnxFolderDataset(filepath="memory://models")
    dataset.save(old())
    with pytest.raises(Exception, match="SerializeToString"):
        dataset.save({"student": model("new student"), "broken": None})

    with pytest.raises(UnreadableError, match="is not whole"):
        dataset.load()


@pytest.mark.parametrize(
    ("moment", "left"),
    [(HALF_WRITTEN.format(call=2), OLD), (BETWEEN_RENAMES, None), (HALF_REMOVED, NEW)],
    ids=["writing the second file", "between the two renames", "removing the old folder"],
)
def test_a_save_that_is_killed_leaves_a_whole_folder_or_none(dataset, tmp_path, moment, left):
    dataset.save(old())
    killed(moment + SAVE_NEW, tmp_path)

    assert dataset.exists() == bool(left)
    assert (graphs(dataset.load()) if left else None) == left
    dataset.save({"again": model("again")})
    assert graphs(dataset.load()) == {"again": "again"}


def profile(count):
    import numpy as np

    made = new_profile(dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    fold(made, {"a": np.arange(float(count))})
    return made.view()


def test_profiles_are_kept_by_day(tmp_path):
    days = {dt.date(2024, 1, 1): profile(3), dt.date(2024, 1, 2): profile(5)}
    dataset = DailyProfilesDataset(filepath=str(tmp_path / "days"))
    dataset.save(days)

    assert {day: rows(view) for day, view in dataset.load().items()} == {day: rows(view) for day, view in days.items()}
    assert (tmp_path / "days/2024-01-02.bin").exists()


def test_one_profile_is_one_file(tmp_path):
    dataset = ProfileDataset(filepath=str(tmp_path / "reference.bin"))
    dataset.save(profile(7))

    assert rows(dataset.load()) == 7
    (tmp_path / "reference.bin").write_bytes((tmp_path / "reference.bin").read_bytes()[:-9])
    with pytest.raises(UnreadableError, match="not a whole whylogs profile"):
        dataset.load()
