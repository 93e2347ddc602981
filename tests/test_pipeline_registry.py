"""The pipelines are those of the declared table."""

import pytest
import yaml
from kedro.framework.project import pipelines

from stillroom import pipeline_registry
from stillroom.config import ConfigError
from stillroom.parameters import check_parameters
from stillroom.table.spec import TableSpec

WINE = {
    "name": "wine",
    "source": "wine",
    "task": "multiclass",
    "target": "target",
    "split": {"kind": "random", "seed": 1, "validation": 0.2, "test": 0.2},
    "numeric": ["hue"],
}
FLIGHTS = WINE | {"name": "flights", "source": "flights_table", "prepare": "stillroom.pipelines.prepare.flights"}


@pytest.fixture(autouse=True)
def forget_the_table():
    yield
    pipeline_registry._table = None


def registered(table):
    pipeline_registry.choose_table(TableSpec.model_validate(table))
    return pipeline_registry.register_pipelines()


@pytest.fixture
def configured(project):
    with project.session():
        yield


@pytest.mark.usefixtures("configured")
def test_a_table_without_nodes_of_its_own_is_prepared_by_the_common_ones():
    prepare = registered(WINE)["prepare"]

    assert [node.func.__name__ for node in prepare.nodes] == ["split_table", "describe_table", "encode_table"]
    assert "wine" in prepare.inputs()


@pytest.mark.usefixtures("configured")
def test_a_table_s_own_nodes_come_before_the_common_ones():
    prepare = registered(FLIGHTS)["prepare"]
    names = [node.func.__name__ for node in prepare.nodes]

    assert {"flights", "weather", "planes", "airports"} < prepare.inputs()
    assert names.index("join_flights") < names.index("split_table")
    assert "flights_table" in prepare.all_outputs()


@pytest.mark.usefixtures("configured")
def test_a_package_that_is_not_there_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"table\.prepare: there is no package stillroom\.pipelines\.prepare\.trains"):
        registered(FLIGHTS | {"prepare": "stillroom.pipelines.prepare.trains"})


@pytest.mark.usefixtures("configured")
def test_the_default_pipeline_is_all_that_makes_a_champion_and_watches_it():
    found = registered(WINE)

    assert list(found) == ["__default__", *pipeline_registry.ORDER, "evaluate", "join", "score"]
    assert set(found["__default__"].nodes) == {node for name in pipeline_registry.ORDER for node in found[name].nodes}


def test_a_session_assembles_the_pipelines_for_its_table(project):
    with project.session(runtime_params={"table": "wine"}) as session:
        context = session.load_context()
        assert check_parameters(context.config_loader["parameters"]).table.name == "wine"
        assert "flights" not in pipelines["__default__"].inputs()

    with project.session(runtime_params={"table": "flights"}) as session:
        session.load_context()
        assert "flights" in pipelines["__default__"].inputs()


def test_kedro_s_own_commands_show_pipelines_and_catalog(project):
    from kedro.framework.cli.catalog import describe_datasets
    from kedro.framework.cli.registry import list_registered_pipelines

    registry = project.invoke(list_registered_pipelines)
    catalog = project.invoke(describe_datasets, "--pipeline", "prepare")

    assert registry.exit_code == 0, registry.output
    assert set(yaml.safe_load(registry.output)) == {
        *pipeline_registry.ORDER,
        "__default__",
        "evaluate",
        "join",
        "score",
    }
    assert catalog.exit_code == 0, catalog.output
    found = yaml.safe_load(catalog.output)["prepare"]["datasets"]
    assert {"flights", "training_table"} <= set(found["stillroom.datasets.parquet.ParquetDataset"])
