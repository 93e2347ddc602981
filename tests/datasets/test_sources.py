"""What is only read: the bundled tables and the git commit."""

import subprocess

import polars as pl
import pytest
from kedro.io import DatasetError

from stillroom.datasets.bundled import LOADERS, BundledTableDataset
from stillroom.datasets.git import GitCommitDataset


@pytest.mark.parametrize(("name", "rows"), [("wine", 178), ("diabetes", 442), ("iris", 150), ("breast_cancer", 569)])
def test_a_bundled_table_has_its_rows_and_a_target(name, rows):
    table = BundledTableDataset(name=name).load().collect()

    assert (table.height, "target" in table.columns) == (rows, True)
    assert all(column.isidentifier() and column.islower() for column in table.columns)


def test_every_bundled_table_is_tested():
    assert set(LOADERS) == {"wine", "diabetes", "iris", "breast_cancer", "digits"}


def test_a_bundled_table_is_previewed_and_cannot_be_saved():
    dataset = BundledTableDataset(name="wine")
    shown = dataset.preview(nrows=2)

    assert (len(shown["data"]), shown["columns"][0], shown["data"][0][0]) == (2, "alcohol", 14.23)
    with pytest.raises(DatasetError, match="the bundled table wine cannot be saved"):
        dataset.save(pl.DataFrame())


def test_a_bundled_table_that_is_not_there_is_refused_with_the_choices():
    with pytest.raises(
        ValueError, match="no bundled table 'beer'; the choices are breast_cancer, diabetes, digits, iris, wine"
    ):
        BundledTableDataset(name="beer")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def git(*arguments):
        identity = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
        return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()

    (tmp_path / "code.py").write_text("1")
    git("init")
    git("add", "code.py")
    git("commit", "-m", "one")
    return git


def test_the_commit_is_the_whole_hash(repository):
    assert GitCommitDataset().load() == repository("rev-parse", "HEAD")
    assert len(GitCommitDataset().load()) == 40


def test_a_tag_does_not_change_it_and_a_changed_file_is_told(repository, tmp_path):
    repository("tag", "v1")
    (tmp_path / "code.py").write_text("2")

    assert GitCommitDataset().load() == f"{repository('rev-parse', 'HEAD')}-dirty"


def test_outside_a_repository_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert GitCommitDataset().load() == ""
