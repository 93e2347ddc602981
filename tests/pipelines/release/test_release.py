from pathlib import Path
from typing import Any

import numpy as np
import onnx
import orjson
import pytest
from kedro.runner import SequentialRunner

from pipelines import small_run
from stillroom.compression.settings import ReleaseConfig
from stillroom.datasets.bento import list_models
from stillroom.datasets.champion import Champion
from stillroom.pipelines.release import create_pipeline
from stillroom.serving.model import Model
from stillroom.serving.parity import check
from stillroom.table.encoding import feeds
from stillroom.table.split import part


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))


def release(folder: Path, task: str, candidate: onnx.ModelProto) -> dict[str, Any]:
    """Run the pipeline up to the champion, and load what it made."""
    catalog = small_run.catalog(folder, task, candidate)
    SequentialRunner().run(create_pipeline().to_outputs("champion", "yardsticks"), catalog)
    return {name: catalog.load(name) for name in (*small_run.MADE, "champion", "champion_model")}


def test_the_first_model_is_champion_and_carries_its_figures_and_budget(tmp_path: Path) -> None:
    made = release(tmp_path, "binary", small_run.model("binary", tmp_path, epochs=2))
    champion = made["champion_model"]
    assert champion.tag == made["champion"].tag
    signature = Model(champion.onnx).signature
    assert signature.metrics == made["measurements"]["student"].metrics
    assert signature.metrics["roc_auc"] > 0.75 > made["yardsticks"]["trivial"]["roc_auc"]
    assert signature.budget["optimise"] == "quality"
    assert signature.budget["cost"]["cpu_hour"] == 0.04
    assert champion.metadata["candidate"] == "student"
    assert champion.metadata["promoted"] is True
    assert made["gate_verdict"].reason == "there is no champion yet"


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_sample_of_test_rows_and_predictions_is_kept_beside_the_model(tmp_path: Path, task: str) -> None:
    made = release(tmp_path, task, small_run.model(task, tmp_path))
    champion = made["champion_model"]

    sample = orjson.loads(champion.parity)
    kept = ReleaseConfig().parity_rows
    assert len(sample["rows"]) == kept
    np.testing.assert_array_equal(np.float32(sample["predictions"]), made["test_predictions"]["student"][:kept])
    check(Model(champion.onnx), champion.parity, tolerance=1e-6)


def test_what_was_measured_is_what_the_champion_serves(tmp_path: Path) -> None:
    made = release(tmp_path, "multiclass", small_run.model("multiclass", tmp_path, epochs=1))
    rows = part(small_run.training_table("multiclass"), "test").collect()
    served = Model(made["champion_model"].onnx).predict(feeds(rows, small_run.encoding("multiclass")))
    np.testing.assert_array_equal(served, made["test_predictions"]["student"])


def test_the_same_model_again_leaves_the_champion(tmp_path: Path) -> None:
    candidate = small_run.model("regression", tmp_path, epochs=1)
    first = release(tmp_path, "regression", candidate)
    again = release(tmp_path, "regression", candidate)
    assert again["champion"] == first["champion"] == Champion(tag=first["champion"].tag)
    verdict = again["gate_verdict"]
    assert (verdict.promoted, verdict.gain, verdict.champion) == (False, 0, first["champion"].tag)
    assert len(list_models("stillroom_small")) == 2


def test_a_better_model_takes_over_and_can_be_rolled_back(tmp_path: Path) -> None:
    untrained = release(tmp_path, "binary", small_run.model("binary", tmp_path))["champion"]
    made = release(tmp_path, "binary", small_run.model("binary", tmp_path, epochs=3))
    champion, verdict = made["champion"], made["gate_verdict"]
    assert verdict.promoted
    assert 0 < verdict.low < verdict.gain
    assert champion.before == [untrained.tag]
    assert champion.rolled_back() == untrained
    with pytest.raises(ValueError, match="no champion before this one"):
        untrained.rolled_back()

    worse = release(tmp_path, "binary", small_run.model("binary", tmp_path))
    assert worse["champion"] == champion
    assert worse["gate_verdict"].gain < 0


def test_a_champion_of_another_task_makes_room(tmp_path: Path) -> None:
    before = release(tmp_path, "binary", small_run.model("binary", tmp_path))["champion"].tag
    made = release(tmp_path, "multiclass", small_run.model("multiclass", tmp_path))
    assert made["champion"].before == [before]
    assert made["gate_verdict"].reason == f"{before} answers another question: the table's target has changed"
