import json
import subprocess
from pathlib import Path

import httpx
import orjson
import polars as pl
import pytest

from serving import onnx_models
from serving.served import served
from stillroom.compression.report.summary import ask
from stillroom.datasets.bento import BentoModelDataset, Release, build_bento, save_model
from stillroom.datasets.champion import Champion
from stillroom.pipelines.release.nodes import ask_champion

PROJECT = Path(__file__).parents[3]
TAG = "stillroom_flights:old"
TABLE = pl.LazyFrame(
    {
        "split": ["train", "test", "test"],
        "distance": [1.0, 1 / 3, 2.0],
        "hour": pl.Series([1, None, 3], dtype=pl.Int64),
        "carrier": ["DL", "O'Hare", "UA"],
        "origin": [None, None, "JFK"],
    }
)


def asked(model):
    champion = Release(onnx=model, tag=TAG)
    return ask_champion(Champion(tag=TAG), champion, "stillroom_flights:bento", TABLE)


def test_the_first_test_row_is_asked_with_every_column_and_null_where_it_is_missing():
    request = asked(onnx_models.binary())
    assert request.body == '{"rows":[{"distance":0.33333334,"hour":null,"carrier":"O\'Hare","origin":null}]}'
    assert request.bento == "stillroom_flights:bento"


@pytest.mark.slow
def test_the_curl_gets_the_answer_character_by_character(tmp_path, monkeypatch):
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    tag = save_model("stillroom_wine", Release(onnx_models.multiclass(), {}, {}))
    bento = build_bento(tag, "stillroom_wine", PROJECT)
    model = BentoModelDataset(name="stillroom_wine").load()
    request = ask_champion(Champion(tag=tag), model, bento, TABLE)
    with served(bento) as url:
        command = ask(request.body, port=httpx.URL(url).port)
        answer = subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout
    assert answer == request.answer
    assert len(json.loads(answer)["predictions"][0]) == 3


def test_the_numbers_are_those_of_the_row_itself():
    request = asked(onnx_models.regression())
    sent = orjson.loads(request.body)["rows"][0]
    assert sent == {"distance": 0.33333334, "hour": None}
    assert abs(sent["distance"] - 1 / 3) < 1e-7
