"""Records what every run uses and costs, and shows it at the end."""

import os
from dataclasses import dataclass
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline.node import Node

from stillroom.datasets.volume import volume
from stillroom.harmless import harmless
from stillroom.resources import CostConfig, Recorder, RunResources, reckon, resources_page, resources_table
from stillroom.resources.record import Outcome

RECORDED = "What this run uses"


@dataclass
class _Run:
    """The run of this process, its catalog, and what each node has yet to save."""

    process: int
    catalog: CatalogProtocol
    recorder: Recorder
    unsaved: dict[str, set[str]]


class ResourceHook:
    """Saves the datasets `resources` and `resources_page` when a run ends, and prints the dearest nodes.

    With ParallelRunner nodes run in processes that do not report here, and the record holds the run's totals alone.
    """

    def __init__(self) -> None:
        self._run: _Run | None = None

    def _here(self) -> _Run | None:
        """The run, but not in a process that ParallelRunner has forked: its locks may be held for ever."""
        return self._run if self._run is not None and self._run.process == os.getpid() else None

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, catalog: CatalogProtocol) -> None:
        """The run begins."""
        with harmless(RECORDED):
            if interrupted := self._here():
                interrupted.recorder.close()
            self._run = _Run(os.getpid(), catalog, Recorder(), {})

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """A node begins with its first dataset, or without any."""
        with harmless(RECORDED):
            self._began(node)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """As above."""
        with harmless(RECORDED):
            self._began(node)

    def _began(self, node: Node) -> None:
        if run := self._here():
            run.unsaved.setdefault(node.short_name, set(node.outputs))
            run.recorder.began(node.short_name)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any, node: Node) -> None:
        """Counts what was loaded."""
        with harmless(RECORDED):
            if (run := self._here()) and not _parameter(dataset_name):
                run.recorder.loaded(node.short_name, dataset_name, volume(run.catalog[dataset_name], data))

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """A node without outputs ends when it has run."""
        with harmless(RECORDED):
            if (run := self._here()) and not node.outputs:
                run.recorder.ended(node.short_name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any, node: Node) -> None:
        """Counts what was saved; a node ends with the last of its outputs."""
        with harmless(RECORDED):
            if run := self._here():
                run.recorder.saved(node.short_name, dataset_name, volume(run.catalog[dataset_name], data))
                run.unsaved[node.short_name].discard(dataset_name)
                if not run.unsaved[node.short_name]:
                    run.recorder.ended(node.short_name)

    @hook_impl
    def on_node_error(self, node: Node) -> None:
        """A node that fails ends too."""
        with harmless(RECORDED):
            if run := self._here():
                run.recorder.ended(node.short_name)

    @hook_impl
    def on_pipeline_error(self, run_params: dict[str, Any]) -> None:
        """Keeps the record of what the run used until it failed."""
        with harmless(RECORDED):
            self._keep(run_params, "failed")

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Keeps the record and prints the dearest nodes."""
        with harmless(RECORDED):
            if kept := self._keep(run_params, "completed"):
                found, catalog = kept
                print(f"\n{resources_table(found, _shown(catalog))}")

    def _keep(self, run_params: dict[str, Any], outcome: Outcome) -> tuple[RunResources, CatalogProtocol] | None:
        run, self._run = self._here(), None
        if run is None:
            return None
        run.recorder.close()
        found = reckon(
            run.recorder,
            CostConfig.model_validate(run.catalog["params:cost"].load()),
            run_id=run_params["run_id"],
            pipelines=run_params["pipeline_names"] or ["__default__"],
            runner=run_params["runner"],
            outcome=outcome,
        )
        run.catalog["resources"].save(found)
        run.catalog["resources_page"].save(resources_page(found, run.catalog["params:table.name"].load()))
        return found, run.catalog


def _parameter(dataset: str) -> bool:
    return dataset == "parameters" or dataset.startswith("params:")


def _shown(catalog: CatalogProtocol) -> str:
    path = catalog["resources_page"]._filepath
    return os.path.relpath(path) if os.path.commonpath([path, os.getcwd()]) == os.getcwd() else str(path)
