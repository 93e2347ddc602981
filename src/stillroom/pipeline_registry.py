"""The project's pipelines, assembled for the table that is declared."""

from importlib import import_module

from kedro.framework.project import find_pipelines
from kedro.pipeline import Pipeline

from stillroom.table.spec import TableSpec

ORDER = ("prepare", "train", "compress", "release", "monitor")

_table: TableSpec | None = None


def choose_table(table: TableSpec) -> None:
    """Say which table the pipelines are for; `stillroom.hooks` calls this when a session's context is made.

    Kedro's registry sees no parameters, so the choice has to reach it from outside.
    """
    global _table  # noqa: PLW0603
    _table = table


def register_pipelines() -> dict[str, Pipeline]:
    """The pipelines in order, and all of them as `__default__`.

    `source`, with which prepare begins, is the dataset that the table spec names, made by the table's own prepare
    pipeline where it has one.
    """
    pipelines = find_pipelines(raise_errors=True)
    if _table is not None and "prepare" in pipelines:
        pipelines["prepare"] = _for_table(pipelines["prepare"], _table)
    pipelines["__default__"] = sum((pipelines[name] for name in ORDER if name in pipelines), Pipeline([]))
    return pipelines


def _for_table(prepare: Pipeline, table: TableSpec) -> Pipeline:
    own = import_module(table.prepare).create_pipeline() if table.prepare else Pipeline([])
    return own + Pipeline(prepare, inputs={"source": table.source})
