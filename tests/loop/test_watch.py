"""What a service leaves behind reaches the drift report, and the loop."""

import json
from pathlib import Path

import httpx
import polars as pl
import pytest

from conftest import Project
from loop.shop import DAYS, PARAMS, champion, orders
from serving.served import served
from stillroom import cli

KEY = "a key that nobody guesses"
WATCHED = f"{PARAMS},monitor.consecutive=1,retrain.predictions=warn,retrain.inputs=warn,retrain.quality=warn"


def serve_orders(shop: Project, rows: pl.DataFrame, profiles: Path) -> None:
    """Ask a service about the rows, their numbers being their identifiers, and let it end."""
    settings = {"PROFILE_DIR": str(profiles), "PROFILE_IDS_SHARE": "1", "PROFILE_IDS_KEY": KEY}
    variables = {f"STILLROOM_SERVING_{name}": value for name, value in settings.items()}
    with served("stillroom_shop:latest", {"BENTOML_HOME": str(shop.path / "bentoml")} | variables) as url:
        for batch in rows.iter_slices(500):
            inputs = batch.select("price", "weight", "age", "channel").to_dict(as_series=False)
            header = {"x-row-ids": ",".join(map(str, batch["row"]))}
            assert httpx.post(f"{url}/predict", json={"columns": inputs}, headers=header, timeout=60).is_success


@pytest.mark.slow
def test_a_services_profiles_answers_and_late_labels_are_watched(
    shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles, reports = tmp_path / "profiles", shop.path / "data/08_reporting/shop"
    rows = orders(DAYS, "inputs").with_row_index("row").tail(1_500)
    serve_orders(shop, rows, profiles)
    monkeypatch.setenv("STILLROOM_SERVING_PROFILE_DIR", str(profiles))
    monkeypatch.setenv("STILLROOM_SERVING_PROFILE_IDS_KEY", KEY)
    watch = ["--pipelines", "monitor", "--tags", "watch", "--env", "watch", "--params", WATCHED]

    unlabelled = shop.invoke(cli.run, *watch)
    waiting = json.loads((reports / "drift.json").read_text())
    labels = rows.select("row", "returned").head(1_000)
    labels.write_parquet(shop.path / "data/07_model_output/shop/late_labels.parquet")
    labelled = shop.invoke(cli.run, *watch)
    report = json.loads((reports / "drift.json").read_text())
    looped = shop.invoke(cli.loop, "--once", "--env", "watch", "--params", WATCHED)

    assert (unlabelled.exit_code, labelled.exit_code, looped.exit_code) == (0, 0, 0), looped.output[-3000:]
    assert report["rows"] == waiting["rows"] == 1_500
    assert {column["name"] for column in report["columns"]} == {"price", "weight", "age", "channel", "prediction"}
    assert {column["name"] for column in report["columns"] if column["drifted"]} == {"price", "prediction"}
    assert waiting["quality"]["labels"]["waiting"] == 1_500
    assert report["quality"]["labels"]["labelled"] == 1_000
    assert report["quality"]["whole"]["roc_auc"]["value"] > 0.8
    assert f"warned; the champion is {champion(shop)['tag']}" in looped.output


@pytest.mark.slow
def test_before_any_profile_is_there_one_sentence_says_so(
    shop: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STILLROOM_SERVING_PROFILE_DIR", f"{tmp_path}/none")
    nothing = shop.invoke(cli.run, "--pipelines", "monitor", "--tags", "watch", "--env", "watch", "--params", PARAMS)

    assert nothing.exit_code != 0
    assert "no service has written a profile there yet" in nothing.output
