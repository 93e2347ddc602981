"""Which model is champion: the record, and the model it names."""

import json

import pytest
from kedro.io import DatasetError

from stillroom.datasets.bento import BentoModelDataset, Release
from stillroom.datasets.champion import Champion, ChampionDataset, ChampionModelDataset


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    return str(tmp_path / "champion.json")


def test_champions_succeed_one_another_and_roll_back():
    record = Champion().succeeded_by("wine:1").succeeded_by("wine:2")

    assert record == Champion(tag="wine:2", before=["wine:1"])
    assert record.rolled_back() == Champion(tag="wine:1")
    with pytest.raises(ValueError, match="there is no champion before this one"):
        record.rolled_back().rolled_back()


def test_before_the_first_release_there_is_no_champion(file):
    assert ChampionDataset(filepath=file).load() == Champion()
    assert ChampionModelDataset(filepath=file).load() is None


def test_the_record_is_kept_and_previewed(file):
    dataset = ChampionDataset(filepath=file)
    dataset.save(Champion(tag="wine:2", before=["wine:1"]))

    assert dataset.load() == Champion(tag="wine:2", before=["wine:1"])
    assert json.loads(dataset.preview()) == {"tag": "wine:2", "before": ["wine:1"]}


def test_the_champion_s_model_is_the_one_named_not_the_newest(file):
    store = BentoModelDataset(name="wine")
    store.save(Release(b"first"))
    tag = store.load().tag
    BentoModelDataset(name="wine").save(Release(b"second"))
    ChampionDataset(filepath=file).save(Champion(tag=tag))

    assert ChampionModelDataset(filepath=file).load().onnx == b"first"


def test_a_champion_that_the_store_has_lost_is_said(file):
    ChampionDataset(filepath=file).save(Champion(tag="wine:gone"))

    with pytest.raises(DatasetError, match="names the champion wine:gone, but no model wine:gone is in"):
        ChampionModelDataset(filepath=file).load()


def test_a_model_cannot_be_made_champion_by_saving_it(file):
    with pytest.raises(DatasetError, match="save the champion's tag to the dataset `champion`"):
        ChampionModelDataset(filepath=file).save(Release(b"onnx"))
