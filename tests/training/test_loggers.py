"""The loggers that `logger=` offers really write where they say."""

import sqlite3

import pytest

RUN = "table=wine,experiment=quick,trainer.progress=false"


def logged(project, logger: str) -> None:
    prepared = project.run("--pipelines", "prepare,train", "--params", f"{RUN},logger={logger}")
    assert prepared.exit_code == 0, prepared.output


def test_csv_is_the_default(project) -> None:
    logged(project, "csv")
    (metrics,) = (project.path / "data/08_reporting/logs/wine").glob("*/metrics.csv")
    assert "validation_log_loss" in metrics.read_text().splitlines()[0]


@pytest.mark.slow
def test_tensorboard_writes_its_events(project) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    logged(project, "tensorboard")
    (events,) = (project.path / "data/08_reporting/logs/wine").glob("*/events.out.tfevents.*")
    found = EventAccumulator(str(events)).Reload()
    assert "validation_log_loss" in found.Tags()["scalars"]


@pytest.mark.slow
def test_mlflow_keeps_the_metrics(project) -> None:
    # By its whole path: MLflow makes the tables of a path once in a process, and other tests' is the same from here.
    kept = project.path / "data/08_reporting/here.db"
    logged(project, f"mlflow,logger.tracking_uri=sqlite:///{kept}")
    with sqlite3.connect(kept) as store:
        keys = {key for (key,) in store.execute("select key from metrics")}
    assert {"validation_log_loss", "train_loss"} <= keys
