"""deploy/spark/job.py under spark-submit: the whole way from an archive of conf, where the project is not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

from conftest import ROOT, SPARK


@pytest.mark.slow
def test_spark_submit_runs_the_job_where_it_says_itself(project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project.raw, elsewhere / "data/01_raw/nycflights13")
    shutil.make_archive(str(tmp_path / "conf"), "zip", project.path, "conf")

    options = [word for key, value in SPARK.items() for word in ("--conf", f"{key}={value}")]
    submit = [str(Path(pyspark.__file__).parent / "bin/spark-submit"), "--master", "local[1]", *options]
    job = [str(ROOT / "deploy/spark/job.py"), str(tmp_path / "conf.zip"), "--pipelines", "prepare"]
    # Whoever took this master would wait in vain; the log's lines are not broken.
    environment = os.environ | {
        "STILLROOM_SPARK_MASTER": "spark://nowhere:7077", "PYSPARK_PYTHON": sys.executable, "COLUMNS": "200",
    }  # fmt: skip
    done = subprocess.run(
        [*submit, *job, "--nodes", "prepare.flights.describe_weather"],
        cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Completed node: prepare.flights.describe_weather" in done.stdout + done.stderr
