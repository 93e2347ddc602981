import sys

import pytest

from stillroom.datasets.environment import DirectionsDataset


def directions(monkeypatch, folder, python, home):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("BENTOML_HOME", home) if home else monkeypatch.delenv("BENTOML_HOME", raising=False)
    return DirectionsDataset(report="data/report.html").load()


def test_programs_below_the_folder_are_named_with_their_path(tmp_path, monkeypatch):
    found = directions(monkeypatch, tmp_path, tmp_path / ".venv/bin/python", home=None)
    assert (found.programs, found.report) == (".venv/bin/", "data/report.html")


def test_programs_from_elsewhere_are_named_plainly(tmp_path, monkeypatch):
    assert directions(monkeypatch, tmp_path, "/opt/venv/bin/python", home=None).programs == ""


def test_a_model_store_of_ones_own_is_told(tmp_path, monkeypatch):
    found = directions(monkeypatch, tmp_path, tmp_path / "bin/python", home="/srv/my models")
    assert found.programs == "BENTOML_HOME='/srv/my models' bin/"


def test_the_service_is_told_the_key_where_signatures_are_required(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    signing = {"required": True, "private_key": "keys/private.pem", "public_key": "keys/public.pem"}
    directions = DirectionsDataset(report="r", signing=signing).load()
    assert directions.service == f"STILLROOM_SERVING_PUBLIC_KEY={tmp_path}/keys/public.pem "
    assert DirectionsDataset(report="r", signing={**signing, "required": False}).load().service == ""


def test_directions_cannot_be_saved():
    with pytest.raises(Exception, match="can only be read"):
        DirectionsDataset(report="r").save("x")
