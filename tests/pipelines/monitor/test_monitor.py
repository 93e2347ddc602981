import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from kedro.io import DataCatalog
from kedro.runner import SequentialRunner
from polars.testing import assert_frame_equal

from pipelines import small_run
from stillroom.compression.export import signature_of
from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.datasets.json_lines import JsonLinesFilesDataset
from stillroom.monitoring.decision import RetrainConfig
from stillroom.monitoring.settings import MonitorConfig
from stillroom.pipelines.columns import raw_columns
from stillroom.pipelines.monitor import create_pipeline, nodes
from stillroom.pipelines.monitor.nodes import judge_quality
from stillroom.profiles import rows as rows_of
from stillroom.serving.model import Model, as_columns
from stillroom.serving.row_ids import answer_lines
from stillroom.table.encoding import feeds
from stillroom.table.metrics import score
from stillroom.table.split import part


def monitored(folder: Path, task: str, table: pl.LazyFrame, tags: str | None = None, **kept: Any) -> dict[str, Any]:
    """What the pipeline made, by the name of the dataset; ``kept`` are datasets that are there already."""
    model = small_run.model(task, folder, epochs=3)
    kept = {
        "champion": Champion(tag="stillroom_small:1"),
        "champion_model": Release(model.SerializeToString(), tag="stillroom_small:1"),
        "training_table": table,
        "encoding": small_run.encoding(task),
        "params:table": small_run.spec(task),
        "params:monitor": MonitorConfig(min_rows=50, window_days=[1], slice_rows=20, bootstrap=40),
        "params:retrain": RetrainConfig(),
    } | kept
    pipeline = create_pipeline()
    pipeline = pipeline.only_nodes_with_tags(tags) if tags else pipeline
    made = pipeline.all_outputs()
    datasets = {name: small_run.Kept(data) for name, data in kept.items()}
    catalog = DataCatalog(datasets | {name: small_run.Kept() for name in made})
    SequentialRunner().run(pipeline, catalog)
    return {name: catalog.load(name) for name in made}


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_many_rows_are_replayed_in_batches_to_the_same_effect(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = small_run.training_table(task)
    whole = monitored(tmp_path, task, table)
    sizes: list[int] = []
    monkeypatch.setattr(nodes, "BATCH", 70)
    monkeypatch.setattr(nodes, "raw_columns", lambda rows, of: sizes.append(rows.height) or raw_columns(rows, of))
    batches = monitored(tmp_path, task, table)

    assert max(sizes) <= 70
    assert_frame_equal(batches["live_predictions"], whole["live_predictions"], abs_tol=1e-5)
    assert [rows_of(view) for view in batches["live_profiles"].values()] == [120, 120]
    assert rows_of(batches["reference_profile"]) == 480


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_live_part_is_replayed_day_by_day_and_scored(task: str, tmp_path: Path) -> None:
    table = small_run.training_table(task)
    made = monitored(tmp_path, task, table)

    assert list(made["live_profiles"]) == [dt.date(2024, 1, 9), dt.date(2024, 1, 10)]
    assert [rows_of(view) for view in made["live_profiles"].values()] == [120, 120]
    assert rows_of(made["reference_profile"]) == 480
    assert set(made["reference_profile"].get_columns()) == {"height", "year", "flag", "colour", "room", "prediction"}
    assert made["drift_page"].startswith("<!doctype html>") or "<html" in made["drift_page"][:200]
    assert made["drift_series"].count("stillroom_monitor_drift_ratio{") == len(made["drift_report"]["columns"]) == 6

    live = part(table, "live").collect()
    model = Model(small_run.model(task, tmp_path, epochs=3).SerializeToString())
    encoding = small_run.encoding(task)
    target = live.select(target=encoding.target.expression())["target"].to_numpy()
    expected = score(task, target, model.predict(feeds(live, encoding)))
    found = made["drift_report"]["quality"]
    assert {name: found["whole"][name]["value"] for name in expected} == pytest.approx(expected, rel=1e-5)
    assert found["labels"]["labelled"] == 240
    assert (found["estimate"] is None) == (task == "regression")
    assert {each["column"] for each in found["slices"]["worst"]} == {"colour", "room"}
    assert made["live_predictions"].collect()["model_version"].unique().to_list() == ["stillroom_small:1"]


def test_what_columns_mean_to_the_model_and_whether_rows_can_be_told_apart_is_kept_and_shown(tmp_path: Path) -> None:
    table = small_run.training_table("binary")
    brighter = pl.when(pl.col("split") == "live").then(pl.col("height") + 1000).otherwise(pl.col("height"))
    made = monitored(tmp_path, "binary", table.with_columns(height=brighter))

    weights, domain = made["drift_weights"], made["domain_classifier"]
    assert set(weights["importance"]) == {"height", "year", "flag", "colour", "room"}
    assert weights["rows"] == part(table, "test").collect().height
    assert all(0 <= each < 1 for each in weights["importance"].values())
    peaks = {column["name"]: column["peak"]["ratio"] for column in made["drift_report"]["columns"]}
    total = sum(weights["importance"].values())
    shares = {name: each / total for name, each in weights["importance"].items()}
    assert weights["weighed"] == pytest.approx({name: peaks[name] * share for name, share in shares.items()})
    assert (domain["rows"], next(iter(domain["columns"]))) == (240, "height")
    assert domain["auc"] > 0.9
    assert f"ROC AUC {domain['auc']:.3f} (" in made["drift_page"]
    assert f"<td>{shares['height']:.1%}</td>" in made["drift_page"]


def test_rows_whose_label_is_not_known_yet_are_profiled_and_estimated(tmp_path: Path) -> None:
    table = small_run.training_table("binary")
    unknown = (pl.col("split") == "live") & (pl.col("when") >= dt.datetime(2024, 1, 10))
    made = monitored(tmp_path, "binary", table.with_columns(target=pl.when(~unknown).then(pl.col("target"))))
    assert [rows_of(view) for view in made["live_profiles"].values()] == [120, 120]
    found = made["drift_report"]["quality"]
    assert (found["labels"]["labelled"], found["labels"]["waiting"]) == (120, 120)
    assert found["rows"] == [120, 120]
    assert found["estimate"]["rows"] == [120, 240]


def test_predictions_and_late_labels_that_the_catalog_finds_take_the_place_of_the_replay(tmp_path: Path) -> None:
    table = small_run.training_table("binary")
    replayed = monitored(tmp_path, "binary", table)
    labels = replayed["late_labels"].collect().reverse().head(150)
    kept = {"live_predictions": replayed["live_predictions"], "late_labels": pl.concat([labels, labels[:5]]).lazy()}
    watched = monitored(tmp_path, "binary", table, "watch", live_profiles=replayed["live_profiles"], **kept)
    assert watched["drift_report"]["quality"]["labels"] | {"predictions": 240, "labelled": 150} == {
        **dict.fromkeys(replayed["drift_report"]["quality"]["labels"], 0),
        "predictions": 240,
        "labelled": 150,
        "waiting": 90,
        "repeated_labels": 5,
    }
    assert watched["drift_report"]["columns"] == replayed["drift_report"]["columns"]


def test_answers_that_a_service_kept_by_hashed_identifiers_find_their_labels(tmp_path: Path) -> None:
    table, key = small_run.training_table("binary"), "sixteen letters!"
    monitor = MonitorConfig(min_rows=50, bootstrap=40, ids_key=key)
    replayed = monitored(tmp_path, "binary", table)
    rows = replayed["live_predictions"].collect()
    signature = signature_of(small_run.model("binary", tmp_path))
    header = ",".join(map(str, rows["row"])).encode()
    at = dt.datetime(2024, 1, 9, 12, tzinfo=dt.UTC)
    lines = answer_lines(signature, "small:1", header, rows["prediction"].to_numpy(), 1.0, key, at)
    (tmp_path / "answers-1.jsonl").write_bytes(b"\n".join(lines[:100]) + b"\n")
    (tmp_path / "answers-2.jsonl").write_bytes(b"\n".join(lines[100:]) + b"\n")
    kept = JsonLinesFilesDataset(filepath=f"{tmp_path}/answers-*.jsonl").load()

    judged = partial(judge_quality, kept, replayed["late_labels"], replayed["held_out_outcomes"])
    found = judged(small_run.encoding("binary"), small_run.spec("binary"), monitor)

    assert found["labels"]["labelled"] == 240
    expected = replayed["drift_report"]["quality"]["whole"]["roc_auc"]["value"]
    assert found["whole"]["roc_auc"]["value"] == pytest.approx(expected, abs=1e-5)
    unkeyed = judged(small_run.encoding("binary"), small_run.spec("binary"), MonitorConfig(bootstrap=40))
    assert unkeyed["labels"]["labelled"] == 0
    assert "ids_key" not in monitor.model_dump()


def test_without_live_rows_the_missing_declaration_is_named(tmp_path: Path) -> None:
    table = small_run.training_table("binary").filter(pl.col("split") != "live")
    with pytest.raises(ValueError, match=r"table small: there are no live rows to replay; declare `split.live`"):
        monitored(tmp_path, "binary", table)


def test_an_integer_category_with_nulls_is_the_text_it_was_trained_as(tmp_path: Path) -> None:
    rows = small_run.training_table("binary").collect()
    assert rows["room"].null_count() > 0
    signature = signature_of(small_run.model("binary", tmp_path))
    columns = as_columns(signature, raw_columns(rows, signature))
    expected = feeds(rows, small_run.encoding("binary"))
    assert columns["room"].tolist() == expected["room"].tolist()
    np.testing.assert_array_equal(columns["height"], expected["height"])


def test_rows_whose_target_never_came_are_of_the_reference_where_their_day_was_trained_on(tmp_path: Path) -> None:
    rows = small_run.training_table("binary").with_row_index()
    unlabelled = pl.col("split").is_in(["train", "test"]) & (pl.col("index") % 3 == 0)
    table = rows.with_columns(
        split=pl.when(unlabelled).then(pl.lit("unlabelled")).otherwise("split"),
        target=pl.when(~unlabelled).then("target"),
    ).drop("index")
    trained = part(table, "train").select(pl.len()).collect().item()

    made = monitored(tmp_path, "binary", table)

    assert trained < 480
    assert rows_of(made["reference_profile"]) == 480
    assert rows_of(made["reference_profile"]) == sum(rows_of(view) for view in made["reference_days"].values())
