"""Every dataset is written whole or not at all, on disk and elsewhere, with and without versions."""

import fsspec
import pytest
from kedro.io import DataCatalog, DatasetError
from kedro.io.core import Version

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.text import JsonDataset

from .halted import HALF_WRITTEN, killed

OLD, NEW = {"figure": 1}, {"figure": 2, "rows": list(range(1000))}
SAVE_NEW = """
from stillroom.datasets.text import JsonDataset
JsonDataset(filepath="figures.json").save({"figure": 2, "rows": list(range(1000))})
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "figures.json"


@pytest.fixture
def dataset(file):
    return JsonDataset(filepath=file.as_posix())


@pytest.fixture
def remote():
    fsspec.filesystem("memory").store.clear()
    yield fsspec.filesystem("memory")
    fsspec.filesystem("memory").store.clear()


def test_what_is_saved_is_loaded(dataset, file):
    dataset.save(OLD)
    dataset.save(NEW)

    assert dataset.load() == NEW
    assert [path.name for path in file.parent.iterdir()] == ["figures.json"]


def test_folders_on_the_way_are_made(tmp_path):
    dataset = JsonDataset(filepath=str(tmp_path / "a/b/figures.json"))
    dataset.save(OLD)

    assert dataset.load() == OLD


def test_what_is_not_there_is_said_in_one_sentence(dataset, file):
    assert not dataset.exists()
    with pytest.raises(UnreadableError) as refusal:
        dataset.load()
    assert str(refusal.value) == f"{file} is not there: put it there, or run the pipeline that makes it"


def test_what_cannot_be_read_is_said_in_one_sentence(dataset, file):
    file.write_text('{"figure": ')

    with pytest.raises(
        UnreadableError, match=r"figures.json cannot be read \(Expecting value: line 1 column 12 .*\): write"
    ):
        dataset.load()


@pytest.mark.parametrize("before", [None, OLD])
def test_a_save_that_fails_leaves_what_was_there(dataset, file, before):
    if before:
        dataset.save(before)
    with pytest.raises(DatasetError, match="not JSON serializable"):
        dataset.save({"figure": object()})

    assert dataset.exists() == bool(before)
    assert (dataset.load() if before else None) == before
    assert [path.name for path in file.parent.iterdir()] == (["figures.json"] if before else [])


@pytest.mark.parametrize("before", [None, OLD])
def test_a_save_that_is_killed_leaves_what_was_there(dataset, tmp_path, before):
    if before:
        dataset.save(before)
    killed(HALF_WRITTEN.format(call=1) + SAVE_NEW, tmp_path)

    assert dataset.exists() == bool(before)
    assert (dataset.load() if before else None) == before
    dataset.save(NEW)
    assert dataset.load() == NEW


def versioned(path, load=None, save=None):
    return JsonDataset(filepath=path.as_posix(), version=Version(load, save))


def test_versions_are_kept_side_by_side_and_the_newest_is_loaded(file):
    versioned(file, save="2024-01-01T00.00.00.000Z").save(OLD)
    versioned(file, save="2024-01-02T00.00.00.000Z").save(NEW)

    assert versioned(file).load() == NEW
    assert versioned(file, load="2024-01-01T00.00.00.000Z").load() == OLD
    with pytest.raises(DatasetError, match="must not exist if versioning is enabled"):
        versioned(file, save="2024-01-02T00.00.00.000Z").save(OLD)


def test_a_version_that_is_not_there_does_not_exist(file):
    assert not versioned(file).exists()
    with pytest.raises(DatasetError, match="Did not find any versions"):
        versioned(file).load()


def test_a_version_whose_save_was_killed_is_none(file, tmp_path):
    versioned(file, save="2024-01-01T00.00.00.000Z").save(OLD)
    save = "JsonDataset(filepath='figures.json', version=Version(None, '2024-01-02T00.00.00.000Z')).save([1, 2, 3])"
    imports = "from kedro.io.core import Version\nfrom stillroom.datasets.text import JsonDataset\n"
    killed(HALF_WRITTEN.format(call=1) + imports + save, tmp_path)

    assert (file / "2024-01-02T00.00.00.000Z").is_dir()
    assert versioned(file).load() == OLD


@pytest.mark.parametrize("scheme", ["file://", "local://"])
def test_a_file_url_is_a_local_file(tmp_path, scheme):
    dataset = JsonDataset(filepath=f"{scheme}{tmp_path}/figures.json")
    dataset.save(OLD)
    with pytest.raises(DatasetError):
        dataset.save({"figure": object()})

    assert (dataset.load(), [path.name for path in tmp_path.iterdir()]) == (OLD, ["figures.json"])


def test_any_file_system_of_fsspec_will_do(remote):
    dataset = JsonDataset(filepath="memory:///figures/today.json")
    assert not dataset.exists()
    dataset.save(OLD)

    assert dataset.load() == OLD
    assert remote.exists("/figures/today.json")


def test_credentials_and_arguments_reach_the_file_system():
    entry = {
        "type": "stillroom.datasets.text.JsonDataset",
        "filepath": "memory://figures.json",
        "credentials": "mine",
        "fs_args": {"timeout": 3},
    }
    catalog = DataCatalog.from_config({"figures": entry}, credentials={"mine": {"token": "secret"}})

    assert catalog["figures"]._fs.storage_options == {"timeout": 3, "token": "secret"}
    assert "secret" not in str(catalog["figures"])
