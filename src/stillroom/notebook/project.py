"""The project as a notebook sees it: run as often as one likes, always as its files say now."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from kedro.framework.project import pipelines
from kedro.framework.startup import ProjectMetadata, bootstrap_project

from stillroom.notebook.edits import Edits
from stillroom.notebook.results import Results
from stillroom.notebook.session import NotebookSession

HERE = __name__.rpartition(".")[0]


class NotebookProject:
    """Runs a project's pipelines, and tells a notebook its `catalog`, `params` and `pipelines`.

    ``tell`` takes names with what they stand for, as IPython's `push` does.
    """

    def __init__(self, folder: Path, tell: Callable[[dict[str, Any]], object]) -> None:
        self._folder, self._tell = folder, tell
        self._metadata: ProjectMetadata = bootstrap_project(folder)
        self._source = Edits(self._metadata.source_dir)
        self._conf = Edits(folder / "conf")
        self._declared: tuple[str | None, dict[str, Any]] = (None, {})
        self._show()

    def run(
        self,
        *names: str,
        env: str | None = None,
        nodes: Iterable[str] = (),
        from_nodes: Iterable[str] = (),
        **params: Any,
    ) -> Results:
        """Run pipelines by name (with none, all of `kedro run`), and return what their nodes made.

        ``params`` are those of `kedro run --params`: a group's option (``model="mlp"``) or a value, whose dotted key
        goes in as ``**{"trainer.max_epochs": 3}``. ``nodes`` are run alone, ``from_nodes`` and all that follows.
        """
        self.renew()
        session = self._session(env)
        with session:
            session.run(pipeline_names=list(names), node_names=nodes, from_nodes=from_nodes, runtime_params=params)
        self._declared = (env, params)
        self._show()
        return Results(session.keeper.outputs)

    def renew(self) -> None:
        """Take up what was edited in `conf` and `src` since the last look."""
        source, conf = self._source.found(), self._conf.found()
        if source:
            _forget(self._metadata.package_name)
            bootstrap_project(self._folder)
        if source or conf:
            self._show()

    def _show(self) -> None:
        env, params = self._declared
        session = self._session(env)
        with session:
            context = session.load_context(params)
            pipelines.set_requested(None)
            self._tell({"catalog": context.catalog, "params": context.params, "pipelines": pipelines})

    def _session(self, env: str | None) -> NotebookSession:
        session = NotebookSession.create(project_path=self._folder, env=env)
        assert isinstance(session, NotebookSession)  # Kedro's `create` promises less
        return session


def _forget(package: str) -> None:
    """Drop a package's modules, so that they are imported anew; this one stays, for it is at work."""
    for name in list(sys.modules):
        if f"{name}.".startswith(f"{package}.") and not (name == package or f"{name}.".startswith(f"{HERE}.")):
            del sys.modules[name]
