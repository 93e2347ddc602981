"""The project as a sweep runs it: what is declared at a point, and its nodes as far as the metrics need them."""

import io
import math
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from click import ClickException
from kedro.config import AbstractConfigLoader
from kedro.framework.project import pipelines, settings
from kedro.framework.session import KedroServiceSession
from kedro.io.core import generate_timestamp
from kedro.pipeline import Pipeline

from stillroom.config import GroupConfigLoader
from stillroom.fingerprints import digest
from stillroom.hooks import data_problem
from stillroom.node_cache import CachingRunner, NodeFingerprints
from stillroom.parameters import Parameters, check_parameters
from stillroom.run_hook import refused
from stillroom.sweeps import Metric, Point, SweepConfig
from stillroom.table.errors import InputError
from stillroom.training.watch import StoppedError, Watcher, watched


class SweepProject:
    """One project and environment."""

    def __init__(self, folder: Path, env: str | None) -> None:
        self._folder, self.env = folder, env

    def options(self, group: str) -> list[str]:
        """The options of a config group; none where it is no group."""
        loader = self._loader({})
        assert isinstance(loader, GroupConfigLoader)
        return loader.options(group)

    def declared(self, params: dict[str, Any]) -> Parameters:
        """All parameters of a point. Raises ConfigError naming what is wrong and the choices."""
        return check_parameters(self._loader(params)["parameters"])

    def identity(self, params: dict[str, Any], config: SweepConfig, metrics: Sequence[Metric]) -> str:
        """Of the code and the data at a point, as far as its figures depend on them.

        Raises InputError where a metric is not one of the catalog's figures.
        """
        session = self._session("identity")
        with session:
            context = session.load_context(params)
            catalog = context.catalog
            needed = _needed(config, metrics)
            for metric in metrics:
                if not (getattr(catalog.get(metric.entry), "metadata", None) or {}).get("figures"):
                    raise InputError(f"sweep.metrics: {metric.name}: the catalog has no figures called {metric.entry}")
            found = NodeFingerprints(needed, catalog).of
        return digest(*(found[node.name] for node in needed.nodes if set(node.outputs) & _entries(metrics)))

    def attempt(
        self,
        number: int,
        params: dict[str, Any],
        config: SweepConfig,
        metrics: Sequence[Metric],
        sweep: str,
        watcher: Watcher | None = None,
    ) -> Point:
        """Try a point; whatever goes wrong in it is told in what comes back."""
        runner, run_id, began = CachingRunner(config.cache, _entries(metrics)), generate_timestamp(), time.monotonic()

        def point(outcome: str, **found: Any) -> Point:
            seconds, nodes = time.monotonic() - began, len(runner.nodes)
            told = {"number": number, "params": params, "run_id": run_id, "nodes": nodes, "ran": runner.ran}
            return Point.model_validate(told | {"outcome": outcome, "seconds": seconds} | found)

        session = self._session(sweep)
        try:
            with watched(watcher), redirect_stdout(io.StringIO()), session:
                session.run(
                    run_id,
                    pipeline_names=list(config.pipelines),
                    to_outputs=sorted(_entries(metrics)),
                    runner=runner,
                    runtime_params=params,
                )
            figures = _figures(runner.catalog.load, metrics)
        except StoppedError as error:
            return point("pruned", reason=str(error))
        except Exception as error:
            if not runner.nodes:
                self._refused(run_id, params, sweep, _sentence(error))
            return point("failed", reason=_sentence(error))
        undefined = [name for name, value in figures.items() if not math.isfinite(value)]
        if undefined:
            return point("failed", reason=f"{' and '.join(undefined)} is not a number")
        return point("done", figures=figures)

    def _refused(self, run_id: str, params: dict[str, Any], sweep: str, reason: str) -> None:
        given: dict[str, Any] = {
            "run_id": run_id,
            "session_id": sweep,
            "env": self.env,
            "runtime_params": params,
            "pipeline_names": [],
        }
        refused(given, self._loader({})["parameters"], reason)

    def _session(self, name: str) -> KedroServiceSession:
        return KedroServiceSession.create(name, project_path=self._folder, env=self.env)

    def _loader(self, params: dict[str, Any]) -> AbstractConfigLoader:
        conf, declared = self._folder / settings.CONF_SOURCE, settings.CONFIG_LOADER_ARGS
        loader: AbstractConfigLoader = settings.CONFIG_LOADER_CLASS(
            conf_source=str(conf), env=self.env, runtime_params=params, **declared
        )
        return loader


def _needed(config: SweepConfig, metrics: Sequence[Metric]) -> Pipeline:
    """The nodes that make the metrics. Raises InputError where no pipeline makes one."""
    pipelines.set_requested(None)
    unknown = [name for name in config.pipelines if name not in pipelines]
    if unknown:
        raise InputError(f"sweep.pipelines: there is no {unknown[0]}; the choices are {', '.join(pipelines)}")
    combined: Pipeline = sum((pipelines[name] for name in config.pipelines), Pipeline([]))
    missing = sorted(_entries(metrics) - combined.all_outputs())
    if missing:
        raise InputError(f"sweep.metrics: {missing[0]} is made by none of the pipelines {', '.join(config.pipelines)}")
    return combined.to_outputs(*_entries(metrics))


def _entries(metrics: Sequence[Metric]) -> set[str]:
    return {metric.entry for metric in metrics}


def _figures(load: Callable[[str], Any], metrics: Sequence[Metric]) -> dict[str, float]:
    """All figures of the metrics' entries. Raises InputError where a metric is not among them."""
    made = {f"{entry}.{name}": value for entry in sorted(_entries(metrics)) for name, value in load(entry).items()}
    for metric in metrics:
        if metric.name not in made:
            raise InputError(f"sweep.metrics: there is no {metric.name}; the choices are {', '.join(made)}")
    wanted = [metric.name for metric in metrics]
    return {name: made[name] for name in wanted}


def _sentence(error: Exception) -> str:
    if isinstance(error, ClickException):
        return " ".join(error.message.split())
    known = data_problem(error)
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return known or f"{type(cause).__name__}: {' '.join(str(cause).split()) or 'no message'}"
