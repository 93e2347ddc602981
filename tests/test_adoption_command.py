"""`kedro adopt`: from a file of the user's own to a Bento, with nothing but two commands."""

import sys
from pathlib import Path

import httpx
import numpy as np
import polars as pl
import pytest
import sklearn.datasets
import yaml

from serving.served import served
from stillroom.adoption_command import adopt_command
from test_whole_way import QUICK, ask, directly, released

OWN = """
import polars as pl
from kedro.pipeline import Node, Pipeline


def join(wine: pl.LazyFrame) -> pl.LazyFrame:
    return wine.with_columns(strong=pl.col("alcohol") > 13)


def create_pipeline() -> Pipeline:
    return Pipeline([Node(join, "wine", "{output}", name="join_wine")])
"""


def odd_csv(path: Path) -> None:
    """scikit-learn's breast cancer table with its own names, as a German spreadsheet writes it."""
    frame = pl.from_pandas(sklearn.datasets.load_breast_cancer(as_frame=True).frame)
    size = pl.when(pl.col("mean radius") > 14).then(pl.lit("groß")).otherwise(pl.lit("klein"))
    frame = frame.with_columns(
        size.alias("Größe"),
        pl.int_range(pl.len()).alias("Patienten-ID"),
        pl.when(pl.int_range(pl.len()) % 7 > 0).then(pl.col("mean texture")).alias("mean texture"),
        pl.col("target").replace_strict([0, 1], ["bösartig", "gutartig"]).alias("Befund"),
    ).drop("target")
    path.write_bytes(frame.write_csv(separator=";", decimal_comma=True, null_value="?").encode("cp1252"))


@pytest.mark.slow
def test_a_csv_file_goes_the_whole_way(project) -> None:
    odd_csv(project.path / "Befunde 2024.csv")
    answer = project.invoke(adopt_command, "Befunde 2024.csv", "--target", "Befund", "--name", "befunde")
    assert answer.exit_code == 0, answer.output
    assert (
        "Befund: binary, two values, 'bösartig' and 'gutartig'; predicted is 'gutartig', 62.7% of rows" in answer.output
    )
    assert "then: kedro run --params table=befunde" in answer.output
    spec = yaml.safe_load((project.path / "conf/base/table/befunde.yaml").read_text())["table"]
    assert (spec["row_id"], spec["categorical"], len(spec["numeric"])) == ("Patienten-ID", ["Größe"], 30)

    ran = project.run("--params", f"table=befunde,{QUICK}")
    assert ran.exit_code == 0, ran.output
    bento, model, rows = released(project, "befunde")
    with served(bento) as url:
        predictions = ask(url, model, rows)
        wrong = httpx.post(f"{url}/predict", json={"rows": [{"mean radius": "groß"}]})
    np.testing.assert_array_equal(predictions, directly(model, rows))
    assert rows["mean texture"].null_count() > 0
    assert wrong.status_code == 422
    assert "mean radius" in wrong.text


def test_the_same_table_is_not_adopted_twice_unless_forced(project) -> None:
    odd_csv(project.path / "befunde.csv")
    wished = ("befunde.csv", "--target", "Befund")
    assert project.invoke(adopt_command, *wished).exit_code == 0
    again = project.invoke(adopt_command, *wished)
    assert again.exit_code == 1
    assert "Error: conf/base/table/befunde.yaml is there already: choose another --name" in again.output
    assert project.invoke(adopt_command, *wished, "--force").exit_code == 0


def test_a_name_that_the_project_uses_is_refused(project) -> None:
    odd_csv(project.path / "train.csv")
    before = (project.path / "conf/base/catalog_train.yml").read_text()
    answer = project.invoke(adopt_command, "train.csv", "--target", "Befund", "--force")
    assert "Error: conf/base/catalog_train.yml is there already, and not written by kedro adopt" in answer.output
    assert (project.path / "conf/base/catalog_train.yml").read_text() == before
    assert not (project.path / "conf/base/table/train.yaml").exists()


@pytest.mark.parametrize(("output", "catalogued"), [("strong_wine", False), ("listed_wine", True)])
def test_own_prepare_nodes_make_the_table(project, monkeypatch, output: str, catalogued: bool) -> None:
    package = f"own_{output}"
    (project.path / f"{package}.py").write_text(OWN.replace("{output}", output))
    monkeypatch.syspath_prepend(str(project.path))
    if catalogued:
        (project.path / "conf/base/catalog_own.yml").write_text(
            f"{output}:\n  type: MemoryDataset\n  copy_mode: assign\n"
        )
    answer = project.invoke(adopt_command, "--prepare", package, "--target", "strong", "--name", "strong")
    assert answer.exit_code == 0, answer.output
    spec = yaml.safe_load((project.path / "conf/base/table/strong.yaml").read_text())["table"]
    assert (spec["source"], spec["prepare"]) == (output, package)
    assert (project.path / "conf/base/catalog_strong.yml").exists() is not catalogued
    ran = project.run("--pipelines", "prepare", "--params", "table=strong")
    assert ran.exit_code == 0, ran.output
    assert pl.read_parquet(project.path / "data/03_primary/strong/training_table.parquet").height == 178
    del sys.modules[package]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--target", "a"], "say one of TABLE, --sql, --prepare"),
        (["a.csv", "--sql", "select 1", "--target", "a"], "say one of TABLE, --sql, --prepare"),
        (["--sql", "select 1", "--target", "a"], "--name is needed"),
        (["nowhere.csv", "--target", "a"], "Error: nowhere.csv is not there: name a CSV or Parquet file"),
        (["--prepare", "nowhere.nodes", "--target", "a", "--name", "a"], "there is no package nowhere.nodes"),
        (
            ["--prepare", "stillroom.pipelines.prepare", "--target", "a", "--name", "a"],
            "its nodes read source, which the catalog does not hold",
        ),
        (
            ["--prepare", "stillroom.pipelines.release", "--target", "a", "--name", "a"],
            "its nodes must have one output that none of them reads; found",
        ),
    ],
)
def test_what_cannot_be_adopted_is_told_plainly(project, arguments: list[str], sentence: str) -> None:
    answer = project.invoke(adopt_command, *arguments)
    assert answer.exit_code != 0
    assert sentence in answer.output
    assert "Traceback" not in answer.output
