"""From a declared table to a served model, with nothing but configuration."""

import json

import httpx
import numpy as np
import orjson
import polars as pl
import pytest
from sklearn.datasets import load_digits

from browser.node import in_node
from serving.container import image, started
from serving.served import served
from stillroom.datasets.bundled import BundledTableDataset
from stillroom.pipelines.columns import json_rows, raw_columns
from stillroom.serving.model import Model, as_columns

QUICK = "experiment=quick,trainer.progress=false"
BRIEF_PICTURES = (
    "experiment=pictures,trainer.progress=false,trainer.max_epochs=6,compress.out_of_fold.max_epochs=4,"
    "compress.student.max_epochs=6,compress.prune.max_epochs=2,release.rounds=100"
)


def released(project, table: str) -> tuple[str, Model, pl.DataFrame]:
    """The Bento's tag, the champion, and the test rows of the run's own training table."""
    record = json.loads((project.path / f"data/06_models/{table}/champion.json").read_text())
    name, version = record["tag"].split(":")
    store = project.path / "bentoml"
    bento = f"{name}:{(store / 'bentos' / name / 'latest').read_text()}"
    rows = pl.read_parquet(project.path / f"data/03_primary/{table}/training_table.parquet")
    return bento, Model(store / "models" / name / version / "model.onnx"), rows.filter(pl.col("split") == "test")


def ask(url: str, model: Model, rows: pl.DataFrame) -> np.ndarray:
    """The served predictions of rows, sent as JSON records of the model's columns."""
    body = orjson.dumps({"rows": json_rows(rows, model.signature)}, option=orjson.OPT_SERIALIZE_NUMPY)
    answer = httpx.post(f"{url}/predict", content=body, headers={"content-type": "application/json"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return np.float32(answer.json()["predictions"])


def directly(model: Model, rows: pl.DataFrame) -> np.ndarray:
    """The pipeline's own predictions of the same rows."""
    return model.predict(as_columns(model.signature, raw_columns(rows, model.signature)))


@pytest.mark.slow
@pytest.mark.parametrize(("table", "task"), [("wine", "multiclass"), ("diabetes", "regression")])
def test_a_bundled_table_goes_the_whole_way_by_configuration_alone(project, table: str, task: str) -> None:
    answer = project.run("--params", f"table={table},{QUICK}")
    assert answer.exit_code == 0, answer.output
    bento, model, rows = released(project, table)
    assert model.signature.task == task
    with served(bento) as url:
        predictions = ask(url, model, rows)
    assert len(predictions) == rows.height > 20
    np.testing.assert_array_equal(predictions, directly(model, rows))
    for page in ("report.html", "drift.html"):
        assert "<html" in (project.path / f"data/08_reporting/{table}" / page).read_text()


STUMPS = """# @package _global_
model: {estimator: {_target_: sklearn.tree.DecisionTreeClassifier, max_depth: 2}}
compress: {out_of_fold: {teachers: [model]}}
"""


@pytest.mark.slow
def test_a_teacher_that_is_no_network_teaches_the_student(project) -> None:
    (project.path / "conf/base/model/stumps.yaml").write_text(STUMPS)

    answer = project.run("--params", f"table=wine,model=stumps,{QUICK}")

    assert answer.exit_code == 0, answer.output
    labels = pl.read_parquet(project.path / "data/05_model_input/wine/soft_targets.parquet").drop("stillroom_row")
    # Two folds, a tree of four leaves in each: LightGBM would say as many different things as there are rows.
    assert 3 < labels.unique().height <= 8
    assert labels.height > 80
    _, model, rows = released(project, "wine")
    assert model.signature.candidate.startswith(("student", "pruned"))
    assert np.isfinite(directly(model, rows)).all()


MIXED = """name: mixed
source: mixed
task: multiclass
target: target
split: {kind: random, seed: 1, validation: 0.15, test: 0.25, live: 0.1}
numeric: [ink, top]
categorical: [pen]
image: {picture: {height: 8, width: 8, channels: 1}}
"""


@pytest.mark.slow
def test_pictures_beside_numbers_and_categories_go_the_whole_way(project) -> None:
    (project.path / "conf/base/table/mixed.yaml").write_text(MIXED)
    entry = "mixed: {type: stillroom.datasets.parquet.ParquetDataset, filepath: data/01_raw/mixed.parquet}\n"
    (project.path / "conf/base/catalog_mixed.yml").write_text(entry)
    levels, pictures = load_digits().images[:600], BundledTableDataset(name="digits").load().head(600).collect()
    row = pl.int_range(pl.len())
    pictures.with_columns(
        ink=pl.when(row % 9 > 0).then(pl.Series(levels.mean((1, 2)))),
        top=pl.Series(levels[:, :4].mean((1, 2))),
        pen=pl.when(row % 2 == 0).then(pl.lit("thin")).otherwise(pl.lit("thick")),
    ).write_parquet(project.path / "data/01_raw/mixed.parquet")

    answer = project.run("--params", f"table=mixed,{BRIEF_PICTURES}")

    assert answer.exit_code == 0, answer.output
    bento, model, rows = released(project, "mixed")
    assert model.signature.columns == ["ink", "top", "pen", "picture"]
    with served(bento) as url:
        predictions = ask(url, model, rows)
    np.testing.assert_array_equal(predictions, directly(model, rows))
    assert rows["ink"].null_count() > 0
    for column in model.signature.columns:
        without = directly(model, rows.with_columns(pl.lit(None, rows[column].dtype).alias(column)))
        assert np.abs(without - predictions).max() > 1e-4, f"{column} does not count"


@pytest.mark.slow
def test_pictures_go_the_whole_way_by_configuration_alone(project) -> None:
    answer = project.run("--params", f"table=digits,{BRIEF_PICTURES}")
    assert answer.exit_code == 0, answer.output
    bento, model, rows = released(project, "digits")
    with served(bento) as url:
        predictions = ask(url, model, rows)
    np.testing.assert_array_equal(predictions, directly(model, rows))
    right = np.array(model.signature.classes)[predictions.argmax(axis=1)] == rows["target"].to_numpy()
    assert right.mean() > 0.9
    drift = (project.path / "data/08_reporting/digits/drift.html").read_text()
    assert "picture.brightness" in drift
    names = {path.stem for path in (project.path / "data/06_models/digits/int8").glob("*.onnx")}
    assert names & {"student_static_qdq", "student_static_qoperator"}


@pytest.mark.slow
def test_the_flights_are_served_from_nothing_but_the_bentos_own_requirements(project) -> None:
    answer = project.run("--params", QUICK)
    assert answer.exit_code == 0, answer.output
    bento, model, rows = released(project, "flights")
    with image(bento, project.path / "bentoml") as built, started(built) as running:
        predictions = ask(running.url, model, rows)
    np.testing.assert_array_equal(predictions, directly(model, rows))
    assert rows.null_count().sum_horizontal().item() > 0

    edge = project.path / "data/06_models/flights/edge/model.ort"
    (found,) = in_node([edge], rows.select(model.signature.columns).head(2000).to_dicts())
    np.testing.assert_allclose(found["predictions"], directly(Model(edge), rows.head(2000)), rtol=0, atol=1e-5)
    assert edge.stat().st_size < 100_000
