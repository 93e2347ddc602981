"""The score pipeline: the champion's numbers for every row of a table, with its version."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipelines import small_run
from stillroom.compression.export import signature_of
from stillroom.datasets.bento import Release
from stillroom.pipelines.columns import raw_columns
from stillroom.pipelines.score.nodes import score_table
from stillroom.scoring.settings import ScoreConfig
from stillroom.serving.model import Model, as_columns
from stillroom.table.errors import InputError

TAG = "stillroom_small:1"


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_an_exported_network_scores_as_it_is_served(task: str, tmp_path: Path) -> None:
    table = small_run.training_table(task)
    model = small_run.model(task, tmp_path, epochs=1)
    champion = Release(model.SerializeToString(), tag=TAG)
    config = ScoreConfig(source="unread", keep=["when"], progress=False)

    scores = score_table(table, champion, small_run.spec(task), config).collect()

    signature = signature_of(model)
    rows = table.collect()
    served = Model(champion.onnx).predict(as_columns(signature, raw_columns(rows, signature)))
    predicted = scores.drop("when", "model").to_numpy().reshape(served.shape)
    np.testing.assert_allclose(predicted, served, rtol=1e-6, atol=1e-7)
    assert scores["when"].equals(rows["when"])
    assert scores["model"].unique().to_list() == [TAG]


def test_the_row_identifier_goes_along_where_the_table_has_it(tmp_path: Path) -> None:
    table = small_run.training_table("binary").with_row_index("number")
    champion = Release(small_run.model("binary", tmp_path).SerializeToString(), tag=TAG)
    spec, config = small_run.spec("binary", row_id="number"), ScoreConfig(source="unread", progress=False)

    assert score_table(table, champion, spec, config).collect().columns == ["number", "prediction", "model"]
    assert score_table(table.drop("number"), champion, spec, config).collect().columns == ["prediction", "model"]


def test_without_a_champion_the_way_to_one_is_told() -> None:
    with pytest.raises(InputError, match="table small has no champion to score with: `kedro run` releases one"):
        score_table(pl.LazyFrame(), None, small_run.spec("binary"), ScoreConfig(source="unread"))


@pytest.mark.slow
def test_a_run_s_champion_scores_a_file_on_polars_and_on_spark(project, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--env spark` gives the same, row for row."""
    params = "table=wine,experiment=quick,trainer.progress=false"
    assert project.run("--params", params).exit_code == 0
    bottles = pl.read_parquet(project.path / "data/03_primary/wine/training_table.parquet").with_row_index("bottle")
    (project.path / "new").mkdir()
    for name, part in (("a", bottles.head(100)), ("b", bottles.tail(78))):
        part.write_parquet(project.path / f"new/{name}.parquet")
    params = f"{params},score.source=new/*.parquet,score.keep=[bottle],score.batch_rows=50"

    done = project.kedro("run", "--pipelines", "score", "--params", params)
    assert done.returncode == 0, done.stdout + done.stderr
    scores = pl.read_parquet(project.path / "data/07_model_output/wine/scores.parquet")
    assert scores.columns == ["bottle", *(f"prediction_{cultivar}" for cultivar in "012"), "model"]
    assert scores["bottle"].to_list() == list(range(178))
    champion = json.loads((project.path / "data/06_models/wine/champion.json").read_text())["tag"]
    assert scores["model"].unique().to_list() == [champion]

    monkeypatch.setenv("STILLROOM_SPARK_MASTER", "local[2]")
    (project.path / "conf/spark/spark.yml").open("a").write("spark.ui.enabled: false\n")
    done = project.kedro("run", "--env", "spark", "--pipelines", "score", "--params", params)
    assert done.returncode == 0, done.stdout + done.stderr
    spark = pl.read_parquet(project.path / "data/07_model_output/wine/scores_spark/*.parquet").sort("bottle")
    assert spark.columns == scores.columns
    np.testing.assert_array_equal(spark["bottle"], scores["bottle"])
    np.testing.assert_allclose(spark.drop("bottle", "model"), scores.drop("bottle", "model"), atol=1e-7)
    assert spark["model"].equals(scores["model"])


@pytest.mark.slow
def test_on_the_command_line_a_table_that_does_not_fit_gets_one_sentence(project) -> None:
    params = "table=wine,experiment=quick,trainer.progress=false"
    assert project.run("--params", params).exit_code == 0
    pl.DataFrame({"hue": [1.0]}).write_parquet(project.path / "other.parquet")

    answer = project.run("--pipelines", "score", "--params", f"{params},score.source=other.parquet")

    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1].startswith("Error: to_score has no alcohol, malic_acid, ")
    assert not (project.path / "data/07_model_output/wine/scores.parquet").exists()
