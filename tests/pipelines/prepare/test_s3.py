"""Prepare from S3 to S3: on Polars through s3fs, on Spark through Hadoop's S3A, over HTTP from a server on loopback."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import s3fs
from moto.server import ThreadedMotoServer
from polars.testing import assert_frame_equal

RAW = ("flights", "weather", "planes", "airports")
MADE = {
    "quality": ("quality.json", "stillroom.datasets.records.JsonRecordsDataset"),
    "encoding": ("encoding.json", "stillroom.datasets.model.ModelDataset, model: stillroom.table.encoding.Encoding"),
}
JARS = Path(sys.prefix) / "s3a"
SPARK = """
spark.jars: {jars}
spark.driver.host: 127.0.0.1
spark.driver.bindAddress: 127.0.0.1
spark.ui.enabled: false
spark.sql.shuffle.partitions: 2
spark.hadoop.fs.s3a.access.key: ${{credentials:s3.key}}
spark.hadoop.fs.s3a.secret.key: ${{credentials:s3.secret}}
spark.hadoop.fs.s3a.endpoint: ${{credentials:s3.endpoint_url}}
spark.hadoop.fs.s3a.path.style.access: true
spark.hadoop.fs.s3a.aws.credentials.provider: org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider
# Hadoop 3.5 writes these as 60s, which its S3A of 3.3 cannot read.
spark.hadoop.fs.s3a.threads.keepalivetime: 60
spark.hadoop.fs.s3a.connection.establish.timeout: 5000
spark.hadoop.fs.s3a.connection.timeout: 200000
spark.hadoop.fs.s3a.multipart.purge.age: 86400
"""


@pytest.fixture
def bucket(project) -> Iterator[s3fs.S3FileSystem]:
    """A bucket with the raw tables, which the project has there only, with keys in conf/local/credentials.yml."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    address = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    (project.path / "conf/local/credentials.yml").write_text(
        f"s3: {{key: someone, secret: something, endpoint_url: '{address}'}}\n"
    )
    files = s3fs.S3FileSystem(key="someone", secret="something", endpoint_url=address, skip_instance_cache=True)
    files.mkdir("shop")
    for name in RAW:
        files.put(str(project.raw / f"{name}.parquet"), f"shop/raw/{name}.parquet")
        (project.raw / f"{name}.parquet").unlink()
    yield files
    server.stop()


def catalog(table: str, of_tables: str = "stillroom.datasets.parquet.ParquetDataset") -> str:
    """What an environment says of the datasets in the bucket; ``of_tables`` is the tables' type, and more of them."""
    tables = {name: f"raw/{name}.parquet" for name in RAW} | {"training_table": table}
    checked = {name: f", validator: '${{globals:checks.{name}}}'" for name in RAW}
    entries = [(name, path, of_tables + checked.get(name, "")) for name, path in tables.items()]
    entries += [(name, *MADE[name]) for name in MADE]
    return "".join(
        f"{name}: {{filepath: 's3://shop/{path}', credentials: s3, type: {of}}}\n" for name, path, of in entries
    )


def read(bucket: s3fs.S3FileSystem, pattern: str) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(bucket.cat_file(file)) for file in bucket.glob(pattern)).sort("flight_id")


@pytest.mark.slow
def test_polars_and_spark_prepare_from_s3_to_s3(project, bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.path / "conf/local/catalog.yml").write_text(catalog("training_table.parquet"))
    answer = project.run("--pipelines", "prepare")
    assert answer.exit_code == 0, answer.output
    here, report = read(bucket, "shop/training_table.parquet"), json.loads(bucket.cat_file("shop/quality.json"))
    bucket.rm("shop/quality.json")

    (project.path / "conf/spark/catalog_flights.yml").unlink()
    (project.path / "conf/spark/catalog_prepare.yml").write_text(
        catalog("by_spark", "spark.SparkDatasetV2, save_args: {mode: overwrite}")
    )
    jars = ",".join(str(jar) for jar in JARS.glob("*.jar"))
    (project.path / "conf/spark/spark.yml").open("a").write(SPARK.format(jars=jars))
    monkeypatch.setenv("STILLROOM_SPARK_MASTER", "local[2]")
    run = project.kedro("run", "--env", "spark", "--pipelines", "prepare", timeout=900)
    assert run.returncode == 0, run.stdout + run.stderr

    bucket.invalidate_cache()
    assert here.height > 5000
    assert_frame_equal(here, read(bucket, "shop/by_spark/*.parquet"), rel_tol=0, abs_tol=1e-9)
    assert json.loads(bucket.cat_file("shop/quality.json"))["rows"] == report["rows"]
    assert not list((project.path / "data").glob("0[2-7]*/*"))
