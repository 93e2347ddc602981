"""Kedro's pipelines as the loop runs them, each in a session of its own, and what they leave in the catalog."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kedro.framework.session import KedroSession
from kedro.io import CatalogProtocol


class Pipelines:
    """The project's pipelines with the environment and parameters of one `kedro loop`."""

    def __init__(self, project: Path, env: str | None, params: Mapping[str, Any]) -> None:
        self._project, self._env, self._params = project, env, dict(params)

    def run(self, *names: str, tags: tuple[str, ...] = (), window: Mapping[str, Any] | None = None) -> None:
        """Run pipelines, or their nodes with these tags; ``window`` takes the place of the table's split."""
        split = {f"table.split.{key}": value for key, value in (window or {}).items()}
        session = self._session(split)
        with session:
            session.run(pipeline_names=list(names), tags=tags)

    @contextmanager
    def catalog(self) -> Iterator[CatalogProtocol]:
        """What the pipelines read and write."""
        session = self._session({})
        with session:
            yield session.load_context().catalog

    def load(self, name: str) -> Any:
        """One dataset."""
        with self.catalog() as catalog:
            return catalog.load(name)

    def _session(self, split: Mapping[str, Any]) -> KedroSession:
        return KedroSession.create(project_path=self._project, env=self._env, runtime_params={**self._params, **split})
