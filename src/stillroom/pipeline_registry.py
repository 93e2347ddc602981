"""The project's pipelines, assembled for the table that is declared."""

from importlib import import_module
from pathlib import Path
from typing import Any

from kedro.framework.project import find_pipelines, settings
from kedro.pipeline import Pipeline
from kedro.utils import find_kedro_project

from stillroom.config import ConfigError
from stillroom.table.spec import TableSpec

ORDER = ("prepare", "train", "compress", "release", "monitor")

_table: TableSpec | None = None


def choose_table(table: TableSpec) -> None:
    """Say which table the pipelines are for; `stillroom.context` calls this when a session's context is made.

    Kedro's registry sees no parameters, so the choice has to reach it from outside.
    """
    global _table  # noqa: PLW0603
    _table = table


def register_pipelines() -> dict[str, Pipeline]:
    """Those of a run as `__default__`, then each in order, then those beside it, such as `score`.

    Each is a namespace of its nodes, which Kedro-Viz shows as one box until it is opened. `source`, with which prepare
    begins, is the dataset that the table spec names, made by the table's own prepare pipeline where it has one.
    """
    found = find_pipelines(raise_errors=True)
    if "prepare" in found:
        found["prepare"] = _for_table(found["prepare"], _table or _declared_table())
    found.pop("__default__", None)
    found = {name: _group(name, pipeline) for name, pipeline in found.items()}
    ordered = {name: found.pop(name) for name in ORDER if name in found}
    return {"__default__": sum(ordered.values(), Pipeline([])), **ordered, **dict(sorted(found.items()))}


def _declared_table() -> TableSpec:
    """The table that `conf` declares, for `kedro registry` and the inspection, which make no session."""
    conf = Path(find_kedro_project(Path.cwd()) or ".") / settings.CONF_SOURCE
    loader = settings.CONFIG_LOADER_CLASS(conf_source=str(conf), **settings.CONFIG_LOADER_ARGS)
    return TableSpec.model_validate(loader["parameters"]["table"])


def _for_table(prepare: Pipeline, table: TableSpec) -> Pipeline:
    own = _group(table.name, own_pipeline(table.prepare)) if table.prepare else Pipeline([])
    return own + Pipeline(prepare, inputs={"source": table.source})


def _group(name: str, pipeline: Pipeline) -> Pipeline:
    """The nodes in a namespace of that name; datasets keep the names they have in the catalog."""
    return Pipeline(pipeline, namespace=name, prefix_datasets_with_namespace=False)


def own_pipeline(package: str) -> Pipeline:
    """A table's own prepare pipeline. Raises ConfigError where there is no such package."""
    made: Pipeline = _package(package).create_pipeline()
    return made


def _package(path: str) -> Any:
    try:
        return import_module(path)
    except ModuleNotFoundError as error:
        if error.name and f"{path}.".startswith(f"{error.name}."):
            raise ConfigError(f"parameters: table.prepare: there is no package {path}") from error
        raise
