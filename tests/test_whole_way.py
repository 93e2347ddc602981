"""From a declared table to a served model, with nothing but configuration."""

import json

import httpx
import numpy as np
import orjson
import polars as pl
import pytest

from browser.node import in_node
from serving.container import image, started
from serving.served import served
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
