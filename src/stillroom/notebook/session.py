"""A Kedro session that runs any number of times, shows how far it is, and keeps what its nodes made."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from kedro.framework.hooks import hook_impl
from kedro.framework.session import KedroServiceSession
from kedro.io import CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from tqdm import tqdm


class NotebookSession(KedroServiceSession):
    """Kedro's session of many runs; ``keeper`` has what the latest one made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keeper = Keeper()
        self._hook_manager.register(self.keeper)


class Keeper:
    """Kedro hooks that keep the nodes' outputs, and show a progress bar with a step a node.

    Lazy tables that are saved are kept as what was saved: as the node gave them, each look would compute them anew.
    """

    def __init__(self) -> None:
        self.outputs: dict[str, Any] = {}
        self._bar: tqdm[Any] | None = None

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Begin anew."""
        self.outputs = {}
        self._bar = tqdm(total=len(pipeline.nodes), unit="node", leave=False)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Tell which node is at work."""
        if self._bar is not None:
            self._bar.set_description(node.short_name)

    @hook_impl
    def after_node_run(self, outputs: Mapping[str, Any]) -> None:
        """Keep what a node made."""
        self.outputs |= outputs
        if self._bar is not None:
            self._bar.update()

    @hook_impl
    def after_pipeline_run(self, catalog: CatalogProtocol) -> None:
        """Take the bar away, and lazy tables from where they were saved."""
        self._close()
        for name, made in self.outputs.items():
            if isinstance(made, pl.LazyFrame) and not isinstance(catalog.get(name), MemoryDataset):
                self.outputs[name] = catalog.load(name)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Take the bar away."""
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
