"""Runs only the nodes that nothing has run before: outputs are kept by the fingerprint of all that goes into them."""

import inspect
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kedro.io import CatalogProtocol, MemoryDataset
from kedro.io.core import SharedMemoryCatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.runner import SequentialRunner
from pluggy import PluginManager

from stillroom.datasets.files import FileDataset
from stillroom.datasets.fingerprint import data_version
from stillroom.fingerprints import Code, UnknownError, digest, environment, file_fingerprint, value_fingerprint

Catalog = CatalogProtocol | SharedMemoryCatalogProtocol


class NodeFingerprints:
    """The fingerprint of each node of a pipeline: of its code, its parameters, its datasets and the nodes before it.

    What cannot be told, such as the rows of a database or the code of a lambda, gets a new fingerprint every time, and
    so does all that is made from it.
    """

    def __init__(self, pipeline: Pipeline, catalog: Catalog) -> None:
        self._catalog, self._code = catalog, Code()
        self._makers: dict[str, str] = {}
        self.of: dict[str, str] = {}
        for node in pipeline.nodes:
            try:
                found = digest(*self._parts(node))
            except UnknownError:
                found = digest(uuid.uuid4().hex)
            self.of[node.name] = found
            self._makers |= {_stem(output): digest(found, output) for output in node.outputs}

    def _parts(self, node: Node) -> Iterator[str]:
        yield from (environment(), _name(node.func), str(node._inputs), str(node._outputs))
        modules = {node.func.__module__}
        for name in node.inputs:
            yield from self._input(name, modules)
        for name in node.outputs:
            yield self._declared(name, modules)
        yield self._code.version(modules)

    def _input(self, name: str, modules: set[str]) -> Iterator[str]:
        if name == "parameters" or name.startswith("params:"):
            value = self._catalog.load(name)
            modules |= self._named(value)
            yield value_fingerprint(value)
            yield from (file_fingerprint(Path(text)) for text in _texts(value) if _is_file(text))
            return
        yield self._declared(name, modules)
        yield self._makers.get(_stem(name)) or data_version(self._catalog.get(name)).fingerprint

    def _declared(self, name: str, modules: set[str]) -> str:
        """The class and the declaration of a dataset, of which nothing but its place is of no account."""
        dataset: Any = self._catalog.get(name, fallback_to_runtime_pattern=True)
        config = {key: value for key, value in dataset._init_config().items() if key not in ("filepath", "version")}
        modules |= {type(dataset).__module__, *self._named(config)}
        return "in memory" if isinstance(dataset, MemoryDataset) else value_fingerprint(config)

    def _named(self, value: Any) -> set[str]:
        return {module for text in _texts(value) if (module := self._code.named(text))}


class CachingRunner(SequentialRunner):
    """Keeps outputs in ``folder``/<fingerprint>, and takes what is there in place of running its node.

    That is so of outputs in Stillroom's own file datasets, which are written whole or not at all: what is there is
    whole. Other outputs, in memory or elsewhere, are made again where they are needed for what is ``wanted``. The
    catalog's own files are neither read nor written, but for what no node makes. ``catalog``, ``nodes`` and ``ran`` are
    those of the latest run.
    """

    def __init__(self, folder: Path, wanted: Iterable[str]) -> None:
        super().__init__()
        self._folder, self._wanted = folder, set(wanted)
        self.catalog: Catalog
        self.nodes: list[str] = []
        self.ran: list[str] = []

    def run(
        self,
        pipeline: Pipeline,
        catalog: Catalog,
        hook_manager: PluginManager | None = None,
        run_id: str | None = None,
        only_missing_outputs: bool = False,
    ) -> dict[str, Any]:
        """Run the nodes whose outputs are needed and not kept."""
        self._place(pipeline, catalog)
        needed = _needed(pipeline, catalog, self._wanted)
        self.catalog = catalog
        self.nodes, self.ran = [node.name for node in pipeline.nodes], [node.name for node in needed.nodes]
        return super().run(needed, catalog, hook_manager, run_id)

    def _place(self, pipeline: Pipeline, catalog: Catalog) -> None:
        fingerprints = NodeFingerprints(pipeline, catalog).of
        for node in pipeline.nodes:
            for output in node.outputs:
                dataset = catalog.get(output)
                if isinstance(dataset, FileDataset) and "@" not in output:
                    dataset.move_to(self._folder / fingerprints[node.name][:32] / f"{output}{dataset._filepath.suffix}")


def _needed(pipeline: Pipeline, catalog: Catalog, wanted: set[str]) -> Pipeline:
    missing, needed = set(wanted), list[str]()
    for node in reversed(pipeline.nodes):
        if any(output in missing and not _kept(catalog.get(output)) for output in node.outputs):
            needed.append(node.name)
            missing |= set(node.inputs)
    return pipeline.filter(node_names=needed) if needed else Pipeline([])


def _kept(dataset: Any) -> bool:
    return isinstance(dataset, FileDataset) and bool(dataset.exists())


def _name(function: Any) -> str:
    """Which function of its module it is. Raises UnknownError of a lambda, a closure, or a callable object."""
    if not inspect.isfunction(function) or "<" in function.__qualname__ or function.__module__ == "__main__":
        raise UnknownError(f"{function} has no name of its own")
    return function.__qualname__


def _stem(dataset: str) -> str:
    return dataset.partition("@")[0]


def _texts(value: Any) -> Iterator[str]:
    """The texts in plain data and pydantic models."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in _texts(inner))
    elif isinstance(value, list | tuple | set):
        yield from (text for inner in value for text in _texts(inner))
    elif hasattr(value, "model_dump"):
        yield from _texts(value.model_dump(by_alias=True))


def _is_file(text: str) -> bool:
    return len(text) < 4096 and "\0" not in text and Path(text).is_file()
