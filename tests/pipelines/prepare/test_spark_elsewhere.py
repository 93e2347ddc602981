"""`--env spark` on a cluster and through Spark Connect: one key says where, nothing else changes."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.prepare.clusters import connect_server, standalone_cluster

PRIMARY = "data/03_primary/flights"
LOOPBACK = """
spark.driver.host: 127.0.0.1
spark.driver.bindAddress: 127.0.0.1
spark.ui.enabled: false
spark.executor.memory: 512m
spark.sql.shuffle.partitions: 2
"""


def table_of(project) -> pl.DataFrame:
    """The training table that a run has made, sorted; it is taken away."""
    (table,) = (project.path / PRIMARY).glob("training_table*")
    rows = pl.read_parquet(table / "*.parquet" if table.is_dir() else table).sort("flight_id")
    table.rename(project.path / table.name)
    return rows


@pytest.fixture
def here(project) -> pl.DataFrame:
    """The training table by Polars."""
    answer = project.run("--pipelines", "prepare")
    assert answer.exit_code == 0, answer.output
    return table_of(project)


@pytest.mark.slow
def test_a_standalone_cluster_of_two_workers_prepares_the_table(
    project, here: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.path / "conf/spark/spark.yml").open("a").write(LOOPBACK)
    with standalone_cluster(tmp_path) as master:
        monkeypatch.setenv("STILLROOM_SPARK_MASTER", master)
        run = project.kedro("run", "--env", "spark", "--pipelines", "prepare", timeout=900)

    assert run.returncode == 0, run.stdout + run.stderr
    assert_frame_equal(here, table_of(project), rel_tol=0, abs_tol=1e-9)
    for worker in ("first", "second"):
        assert list((tmp_path / worker).glob("app-*/*/stderr")), f"the {worker} worker ran nothing"


@pytest.mark.slow
def test_a_server_of_spark_connect_prepares_the_table(
    project, here: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_server(tmp_path) as remote:
        monkeypatch.setenv("STILLROOM_SPARK_MASTER", remote)
        # Where the run is, there is no Java.
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        upto = ("--to-nodes", "prepare.split_table")
        run = project.kedro("run", "--env", "spark", "--pipelines", "prepare", *upto, timeout=900)

    assert run.returncode == 0, run.stdout + run.stderr
    assert_frame_equal(here, table_of(project), rel_tol=0, abs_tol=1e-9)
