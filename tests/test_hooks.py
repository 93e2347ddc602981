"""Around a run: the declaration is checked before the first node, and errors of the data are told plainly."""

import os
import sys
from pathlib import Path
from unittest.mock import Mock

import click
import pytest
from kedro.framework.cli.utils import KedroCliError
from kedro.framework.session import KedroServiceSession
from kedro.framework.startup import bootstrap_project
from kedro.io import DatasetError
from kedro.validation.exceptions import DataValidationError

from stillroom.config import ConfigError, GroupConfigLoader
from stillroom.hooks import PlainErrorHook, data_problem, placed
from stillroom.settings import CONFIG_LOADER_ARGS
from stillroom.table.errors import InputError


def caused(error, cause):
    error.__cause__ = cause
    return error


def test_a_wrong_key_stops_a_run_before_the_first_node(project):
    result = project.run("--pipelines", "prepare", "--params", "table=wine,trainer.devces=2")

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(
        "Error: parameters: trainer.devces: no such key; the choices are acc"
    )
    assert not (project.path / "data/03_primary").exists()


def test_a_session_raises_what_the_command_line_tells(project):
    with (
        project.session(runtime_params={"model": "mpl"}) as session,
        pytest.raises(
            ConfigError, match="model=mpl: no such option; the choices of model are cnn, ensemble, ft_transformer, mlp"
        ),
    ):
        session.run(pipeline_names=["prepare"])


def test_one_service_session_runs_several_tables(project):
    bootstrap_project(project.path)

    with KedroServiceSession.create(project_path=project.path) as session:
        for table in ("wine", "diabetes", "wine"):
            session.run(pipeline_names=["prepare"], runtime_params={"table": table})

    primary = project.path / "data/03_primary"
    assert sorted(path.name for path in primary.iterdir()) == ["diabetes", "wine"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InputError("table wine: the target is constant"), "table wine: the target is constant"),
        (DatasetError("encoding: e.json is not there"), "encoding: e.json is not there"),
        (caused(DatasetError("flights: no space"), OSError("no space")), "flights: no space"),
        (
            DataValidationError("column a is missing", dataset_name="flights", mode="load", validator="v"),
            "flights: column a is missing",
        ),
        (ValueError("operands could not be broadcast together"), None),
        (KeyError("column"), None),
        (caused(DatasetError("Failed while saving"), TypeError("not JSON serializable")), None),
        (caused(DatasetError("x: Failed"), caused(DatasetError("Failed"), AttributeError("no attribute"))), None),
    ],
)
def test_what_is_about_the_data_is_one_sentence_and_errors_of_the_program_are_not_hidden(error, sentence):
    assert data_problem(error) == sentence


def test_the_sentence_is_told_on_the_command_line_only(monkeypatch):
    hook, error = PlainErrorHook(), InputError("no rows")
    hook.on_pipeline_error(error)

    with click.Context(click.Command("run")), pytest.raises(click.ClickException, match="no rows"):
        hook.on_pipeline_error(error)

    monkeypatch.setattr(KedroCliError, "VERBOSE_ERROR", True)
    with click.Context(click.Command("run")):
        hook.on_pipeline_error(error)


def test_a_spec_that_the_table_does_not_bear_out_ends_the_run_with_one_sentence(project):
    file = project.path / "conf/base/table/wine.yaml"
    file.write_text(file.read_text().replace("- hue", "- colour"))

    result = project.run("--pipelines", "prepare", "--params", "table=wine")

    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(
        "Error: table wine: the spec declares colour, which wine does not hold"
    )


@pytest.mark.parametrize("missing", ["pyspark", "java"])
def test_spark_without_what_it_runs_on_ends_the_run_with_one_sentence(project, monkeypatch, missing):
    if missing == "pyspark":
        monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    else:
        monkeypatch.setenv("JAVA_HOME", str(project.path))

    result = project.run("--env", "spark", "--pipelines", "prepare")

    assert result.exit_code == 1
    assert (
        result.output.splitlines()[-1]
        == {
            "pyspark": "Error: --env spark needs pyspark: pip install 'stillroom[spark]'",
            "java": "Error: --env spark needs Java 17 or later: install it, and name its folder by JAVA_HOME or PATH",
        }[missing]
    )


@pytest.mark.parametrize("asked", [[], ["--pipelines", "prepare,train"]])
def test_spark_refuses_pipelines_that_need_polars(project, monkeypatch, asked):
    monkeypatch.setattr("pyspark.sql.SparkSession.builder", Mock())

    result = project.run("--env", "spark", *asked)

    assert result.exit_code == 1
    assert "--env spark runs prepare and score only: name one by --pipelines" in result.output
    assert not (project.path / "data/03_primary").exists()


def test_one_key_says_where_spark_runs(monkeypatch):
    settings = {"spark.app.name": "shop", "spark.master": "spark://here:7077"}
    # So that it is as it was after the test, whatever is set.
    monkeypatch.setenv("SPARK_REMOTE", "")

    assert placed(settings) == settings
    assert placed({"spark.app.name": "shop"}) == {"spark.app.name": "shop", "spark.master": "local[*]"}
    assert placed(settings | {"spark.master": "sc://there"}) == {"spark.app.name": "shop", "spark.remote": "sc://there"}
    assert os.environ["SPARK_REMOTE"] == "sc://there"

    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    assert placed(settings) == {"spark.app.name": "shop"}


def test_the_environment_says_where_spark_runs(monkeypatch):
    monkeypatch.delenv("STILLROOM_SPARK_MASTER", raising=False)
    conf = Path(__file__).parents[1] / "conf"
    loader = GroupConfigLoader(conf, env="spark", **CONFIG_LOADER_ARGS)
    assert loader["spark"]["spark.master"] == "local[*]"

    monkeypatch.setenv("STILLROOM_SPARK_MASTER", "yarn")
    assert GroupConfigLoader(conf, env="spark", **CONFIG_LOADER_ARGS)["spark"]["spark.master"] == "yarn"
