"""What a run leaves behind of what it used."""

import json
import threading

import pytest
from kedro.runner import ThreadRunner

PREPARE = ("--pipelines", "prepare", "--params", "table=wine")
NODES = ["split_table", "describe_table", "encode_table"]


def records(project, table="wine"):
    """The records of a table's runs, the oldest first."""
    files = sorted((project.path / f"data/08_reporting/{table}/resources.json").glob("*/resources.json"))
    return [json.loads(file.read_text()) for file in files]


def test_a_run_ends_with_its_dearest_nodes_and_keeps_its_record(project):
    result = project.run(*PREPARE)

    assert result.exit_code == 0, result.output
    (record,) = records(project)
    assert sorted(node["name"] for node in record["nodes"]) == sorted(NODES)
    lines = result.output.splitlines()
    assert lines[-1] == "All nodes   data/08_reporting/wine/resources.html"
    assert {line.split()[0] for line in lines[-6:-3]} == set(NODES)
    page = (project.path / "data/08_reporting/wine/resources.html").read_text()
    assert all(name in page for name in NODES)


def test_rows_bytes_and_time_are_those_of_the_nodes_files(project):
    project.run(*PREPARE)

    (record,) = records(project)
    node = {node["name"]: node for node in record["nodes"]}
    table = project.path / "data/03_primary/wine/training_table.parquet"
    quality = project.path / "data/08_reporting/wine/quality.json"
    assert node["split_table"]["rows_out"] == node["describe_table"]["rows_in"] == 178
    assert node["split_table"]["bytes_written"] == node["describe_table"]["bytes_read"] == table.stat().st_size
    assert node["encode_table"]["bytes_read"] == table.stat().st_size + quality.stat().st_size
    assert sum(n["wall_s"] for n in record["nodes"]) <= record["wall_s"]
    assert 0 < sum(n["cpu_s"] for n in record["nodes"]) <= record["cpu_s"] + 1e-9
    assert record["cost"] == pytest.approx(record["cpu_s"] * 0.04 / 3600)


def test_declared_prices_are_those_of_the_run_and_of_the_budget(project):
    result = project.run("--pipelines", "prepare", "--params", "table=wine,cost.cpu_hour=36,cost.currency=EUR")

    (record,) = records(project)
    assert result.exit_code == 0, result.output
    assert record["cost"] == pytest.approx(record["cpu_s"] / 100)
    assert "EUR" in result.output


def test_a_run_that_fails_keeps_its_record(project):
    file = project.path / "conf/base/table/wine.yaml"
    file.write_text(file.read_text().replace("- hue", "- colour"))

    result = project.run(*PREPARE)

    assert result.exit_code == 1
    (record,) = records(project)
    assert record["outcome"] == "failed"
    assert [node["name"] for node in record["nodes"]] == NODES[:1]


def test_a_recording_that_fails_does_not_fail_the_run(project, caplog):
    blocked = project.path / "data/08_reporting/wine/resources.json"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("where a folder should be")

    result = project.run(*PREPARE)

    assert result.exit_code == 0, result.output
    assert "What this run uses is not fully recorded" in caplog.text
    assert (project.path / "data/03_primary/wine/training_table.parquet").exists()


def test_a_session_with_threads_records_and_leaves_no_thread(project):
    with project.session(runtime_params={"table": "wine"}) as session:
        session.run(pipeline_names=["prepare"], runner=ThreadRunner())

    (record,) = records(project)
    assert sorted(node["name"] for node in record["nodes"]) == sorted(NODES)
    assert sum(node["cpu_s"] for node in record["nodes"]) <= record["cpu_s"] + 1e-9
    assert "resources" not in {thread.name for thread in threading.enumerate()}
