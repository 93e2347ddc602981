"""Spark's own programs as separate processes on loopback: a standalone cluster, and a server of Spark Connect."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pyspark

from deploy.programs import eventually
from ports import free_port

HOME = Path(pyspark.__file__).parent
LOOPBACK = {"SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}


@contextmanager
def standalone_cluster(folder: Path) -> Iterator[str]:
    """A master and two workers of one core each, which work in folder/first and folder/second; the master's address."""
    port, page = free_port(), free_port()
    master, web = f"spark://127.0.0.1:{port}", f"http://127.0.0.1:{page}/json/"
    here = ["--host", "127.0.0.1"]
    with ExitStack() as running:
        running.enter_context(
            _program(folder / "master.log", "master.Master", *here, "--port", str(port), "--webui-port", str(page))
        )
        for name in ("first", "second"):
            size = ["--cores", "1", "--memory", "1g", "--webui-port", str(free_port())]
            work = ["--work-dir", str(folder / name)]
            running.enter_context(_program(folder / f"{name}.log", "worker.Worker", *here, *size, *work, master))
        eventually(lambda: _alive(web) == 2, "two workers at the master", patience=180)
        yield master


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """A server of Spark Connect with Spark inside; its address."""
    port = free_port()
    settings = [f"spark.connect.grpc.binding.port={port}", "spark.connect.grpc.binding.address=127.0.0.1"]
    settings += ["spark.ui.enabled=false", "spark.sql.shuffle.partitions=2", "spark.driver.host=127.0.0.1"]
    options = [word for setting in settings for word in ("--conf", setting)]
    server = [
        "--driver-memory",
        "1g",
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
        "--master",
        "local[2]",
    ]
    log = folder / "connect.log"
    with _program(log, "SparkSubmit", *server, *options, "spark-internal"):
        eventually(lambda: "Spark Connect server started" in log.read_text(), "the server of Spark Connect", 180)
        yield f"sc://127.0.0.1:{port}"


def _alive(web: str) -> int:
    try:
        return int(httpx.get(web).json()["aliveworkers"])
    except httpx.TransportError:
        return 0


@contextmanager
def _program(log: Path, name: str, *arguments: str) -> Iterator[None]:
    command = [str(HOME / "bin/spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
    with log.open("w") as output:
        process = subprocess.Popen(command, env=os.environ | LOOPBACK, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)
