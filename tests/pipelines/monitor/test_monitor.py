import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from kedro.io import DataCatalog
from kedro.runner import SequentialRunner

from pipelines import small_run
from stillroom.compression.export import signature_of
from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.monitoring.settings import MonitorConfig
from stillroom.pipelines.columns import raw_columns
from stillroom.pipelines.monitor import create_pipeline
from stillroom.profiles import rows as rows_of
from stillroom.serving.model import Model, as_columns
from stillroom.table.encoding import feeds
from stillroom.table.metrics import score
from stillroom.table.split import part


def monitored(folder: Path, task: str, table: pl.LazyFrame, **spec: Any) -> dict[str, Any]:
    model = small_run.model(task, folder, epochs=3)
    kept = {
        "champion": Champion(tag="stillroom_small:1"),
        "champion_model": Release(model.SerializeToString(), tag="stillroom_small:1"),
        "training_table": table,
        "encoding": small_run.encoding(task),
        "params:table": small_run.spec(task, **spec),
        "params:monitor": MonitorConfig(min_rows=50, window_days=[1]),
    }
    made = ["reference_profile", "reference_days", "held_out_labels", "live_profiles", "live_labels"]
    made += ["drift_report", "drift_page"]
    datasets = {name: small_run.Kept(data) for name, data in kept.items()}
    catalog = DataCatalog(datasets | {name: small_run.Kept() for name in made})
    SequentialRunner().run(create_pipeline(), catalog)
    return {name: catalog.load(name) for name in made}


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_live_part_is_replayed_day_by_day_and_scored(task: str, tmp_path: Path) -> None:
    table = small_run.training_table(task)
    made = monitored(tmp_path, task, table)

    assert list(made["live_profiles"]) == [dt.date(2024, 1, 9), dt.date(2024, 1, 10)]
    assert [rows_of(view) for view in made["live_profiles"].values()] == [120, 120]
    assert rows_of(made["reference_profile"]) == 480
    assert set(made["reference_profile"].get_columns()) == {"height", "year", "flag", "colour", "room", "prediction"}
    assert made["drift_page"].startswith("<!doctype html>") or "<html" in made["drift_page"][:200]

    live = part(table, "live").collect()
    model = Model(small_run.model(task, tmp_path, epochs=3).SerializeToString())
    expected = score(
        task,
        np.concatenate([d.target for d in made["live_labels"]]),
        model.predict(feeds(live, small_run.encoding(task))),
    )
    found = score(
        task,
        np.concatenate([d.target for d in made["live_labels"]]),
        np.concatenate([d.prediction for d in made["live_labels"]]),
    )
    assert found == pytest.approx(expected)


def test_rows_whose_label_is_not_known_yet_are_profiled_and_not_scored(tmp_path: Path) -> None:
    table = small_run.training_table("binary")
    unknown = (pl.col("split") == "live") & (pl.col("when") >= dt.datetime(2024, 1, 10))
    made = monitored(tmp_path, "binary", table.with_columns(target=pl.when(~unknown).then(pl.col("target"))))
    assert [rows_of(view) for view in made["live_profiles"].values()] == [120, 120]
    assert [labelled.date for labelled in made["live_labels"]] == [dt.date(2024, 1, 9)]


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
