"""`--env spark`: the same nodes on PySpark make the same training table, and what follows can be trained on it."""

import json
import shutil

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from conftest import RAW

PRIMARY = "data/03_primary/flights"


@pytest.fixture
def raw(project):
    """Every flight of the first two days of each month: 21,000 of them, on as dense days as all."""
    flights = pl.scan_parquet(RAW / "flights.parquet").filter(pl.col("day") <= 2)
    flights.sink_parquet(project.raw / "flights.parquet")


def quality(project):
    report = json.loads((project.path / "data/08_reporting/flights/quality.json").read_text())
    return report, pl.DataFrame(list(report.pop("columns").values()))


@pytest.mark.slow
def test_polars_and_spark_make_one_training_table_of_real_flights(project, raw, spark):
    answer = project.run("--pipelines", "prepare")
    assert answer.exit_code == 0, answer.output
    here = pl.read_parquet(project.path / PRIMARY / "training_table.parquet")
    report, columns = quality(project)
    shutil.rmtree(project.path / PRIMARY)

    answer = project.run("--env", "spark", "--pipelines", "prepare")
    assert answer.exit_code == 0, answer.output
    there = pl.read_parquet(project.path / PRIMARY / "training_table_spark/*.parquet")

    assert here.height > 20_000
    assert here.schema == there.schema
    assert_frame_equal(here.sort("flight_id"), there.sort("flight_id"), rel_tol=0, abs_tol=1e-9)
    assert not (project.path / PRIMARY / "training_table.parquet").exists()
    by_spark, spark_columns = quality(project)
    assert by_spark["rows"] == report["rows"]
    assert by_spark["kept"] == report["kept"]
    assert_frame_equal(columns.drop("hash"), spark_columns.drop("hash"), rel_tol=1e-9, abs_tol=1e-9)

    (project.path / "conf/local/catalog.yml").write_text(
        "training_table:\n"
        "  type: stillroom.datasets.parquet.ParquetDataset\n"
        "  filepath: data/03_primary/${params:table.name}/training_table_spark\n"
    )
    answer = project.run("--pipelines", "train", "--params", "experiment=quick,trainer.progress=false,model=trees")
    assert answer.exit_code == 0, answer.output
    assert (project.path / "data/06_models/flights/teacher.zip").exists()


@pytest.mark.slow
def test_a_broken_raw_file_stops_spark_with_the_same_sentence(project, spark):
    file = project.raw / "flights.parquet"
    pl.read_parquet(file).drop("arr_delay").write_parquet(file)

    answer = project.run("--env", "spark", "--pipelines", "prepare")

    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1] == "Error: flights: column arr_delay is missing"
    assert "Traceback" not in answer.output
    assert not (project.path / PRIMARY).exists()
