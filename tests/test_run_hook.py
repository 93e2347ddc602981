"""Every run leaves a record, and `kedro runs` lists and compares them."""

import json

import pytest
from kedro.framework.session import KedroServiceSession
from kedro.framework.startup import bootstrap_project

from stillroom.runs_command import runs_command

PREPARE = ("--pipelines", "prepare", "--params")
NODES = ["split_table", "describe_table", "encode_table"]


def records(project):
    files = sorted(project.path.glob("data/08_reporting/runs/*/run.json"))
    return [json.loads(file.read_text()) for file in files]


def test_a_run_leaves_its_parameters_code_data_and_artefacts(project):
    result = project.run(*PREPARE, "table=flights,encoding.bins=5")

    assert result.exit_code == 0, result.output
    (record,) = records(project)
    assert record["outcome"] == "completed"
    assert record["given"] == {"table": "flights", "encoding.bins": 5}
    assert (record["params"]["encoding.bins"], record["params"]["seed"]) == (5, 42)
    assert sorted(record["data"]) == ["airports", "flights", "planes", "weather"]
    assert record["data"]["flights"]["bytes"] == (project.raw / "flights.parquet").stat().st_size
    assert record["ran"] == record["nodes"]
    kept = project.path / record["artefacts"]["encoding"]
    assert kept.samefile(project.path / "data/05_model_input/flights/encoding.json")
    assert record["artefacts"]["training_table"].endswith("03_primary/flights/training_table.parquet"), "tables stay"


def test_two_runs_are_listed_and_what_changed_is_told(project):
    for bins in (4, 5):
        project.run(*PREPARE, f"table=wine,encoding.bins={bins}")

    listed = project.invoke(runs_command).output.splitlines()
    changed = [line.split() for line in project.invoke(runs_command, "diff", "latest~1", "latest").output.splitlines()]
    unknown = project.invoke(runs_command, "diff", "2020", "latest")

    assert len(listed) == 3
    assert listed[1].endswith("table=wine encoding.bins=5"), "the newest first"
    assert ["encoding.bins", "4", "5"] in changed
    assert ["Data:", "the", "same"] in changed
    assert unknown.exit_code == 1
    assert unknown.output.startswith("Error: 2020: no one run is called that")


def test_a_raw_file_that_was_changed_is_told(project):
    project.run(*PREPARE, "table=flights")
    planes = project.raw / "planes.parquet"
    planes.write_bytes((project.raw / "airports.parquet").read_bytes())
    project.run(*PREPARE, "table=flights")

    before, after = records(project)
    changed = {name for name, version in before["data"].items() if version != after["data"][name]}
    assert changed == {"planes"}
    assert after["outcome"] == "failed"


def test_a_run_that_fails_leaves_why_and_what_it_had_made(project):
    file = project.path / "conf/base/table/wine.yaml"
    file.write_text(file.read_text().replace("- hue", "- colour"))

    project.run(*PREPARE, "table=wine")

    (record,) = records(project)
    assert record["outcome"] == "failed"
    assert record["error"].startswith("InputError: ")
    assert record["artefacts"] == {}


def test_runs_of_one_session_are_recorded_apart(project):
    bootstrap_project(project.path)
    with KedroServiceSession.create("mine", project_path=project.path) as session:
        for table in ("wine", "diabetes"):
            session.run(pipeline_names=["prepare"], runtime_params={"table": table})

    assert [record["table"] for record in records(project)] == ["wine", "diabetes"]
    assert {record["session"] for record in records(project)} == {"mine"}


def test_a_record_that_cannot_be_written_does_not_fail_the_run(project, caplog):
    blocked = project.path / "data/08_reporting/runs"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("where a folder should be")

    assert project.run(*PREPARE, "table=wine").exit_code == 0
    assert "This run is not fully recorded" in caplog.text


@pytest.mark.slow
def test_mlflow_gets_the_same(project):
    from mlflow.tracking import MlflowClient

    result = project.run(*PREPARE, "table=wine,logger=mlflow")

    (record,) = records(project)
    client = MlflowClient("sqlite:///data/08_reporting/mlflow.db")
    (sent,) = client.search_runs([client.get_experiment_by_name("stillroom-wine").experiment_id])
    assert result.exit_code == 0, result.output
    assert sent.info.run_name == record["run_id"]
    assert sent.info.status == "FINISHED"
    assert sent.data.params["encoding.bins"] == "8"
    assert sent.data.tags["data.wine"] == record["data"]["wine"]["fingerprint"]
    assert {file.path for file in client.list_artifacts(sent.info.run_id)} == {"run.json", "artefacts"}
