"""Leaves a record of every run, of failed ones too."""

import datetime as dt
import math
import time
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from stillroom.config import flat
from stillroom.datasets.files import FileDataset
from stillroom.datasets.fingerprint import data_version
from stillroom.datasets.git import GitCommitDataset
from stillroom.fingerprints import UnknownError, tree_fingerprint
from stillroom.harmless import harmless
from stillroom.runs import CodeVersion, DataVersion, Outcome, RunRecord, RunsConfig, RunStore

RECORDED = "This run"

SOURCE = Path(__file__).parents[1]
TABLES = {".parquet"}
MLFLOW = "MLFlowLogger"


class RunHook:
    """Saves a run's record when it begins, and whole when it ends; where `logger=mlflow`, MLflow gets it too."""

    def __init__(self) -> None:
        self._declared: dict[str, Any] = {}
        self._record: RunRecord | None = None
        self._ran: list[str] = []
        self._saved: set[str] = set()
        self._began = 0.0

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Keeps the parameters as they are declared, before Kedro makes objects of them."""
        with harmless(RECORDED):
            self._declared = context.config_loader["parameters"]

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """The run begins: its code and data are those of now."""
        self._record, self._ran, self._saved = None, [], set()
        with harmless(RECORDED):
            self._began = time.monotonic()
            record = begun(run_params, self._declared)
            self._record = record.model_copy(
                update={"data": _data(pipeline, catalog), "nodes": [node.name for node in pipeline.nodes]}
            )
            self._store.save(self._record)

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Counts the nodes."""
        self._ran.append(node.name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str) -> None:
        """Of a run that fails, only what it saved is its own."""
        self._saved.add(dataset_name)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """The run was completed; a sweep's has outputs that were there already."""
        with harmless(RECORDED):
            self._end(pipeline.all_outputs(), catalog, "completed")

    @hook_impl
    def on_pipeline_error(self, error: Exception, catalog: CatalogProtocol) -> None:
        """The run failed."""
        with harmless(RECORDED):
            self._end(self._saved, catalog, "failed", f"{type(error).__name__}: {' '.join(str(error).split())}")

    @property
    def _config(self) -> RunsConfig:
        return RunsConfig.model_validate(self._declared["runs"])

    @property
    def _store(self) -> RunStore:
        return RunStore(self._config.folder)

    def _end(self, made: set[str], catalog: CatalogProtocol, outcome: Outcome, error: str = "") -> None:
        record, self._record = self._record, None
        if record is None:
            return
        found = {
            "seconds": time.monotonic() - self._began,
            "outcome": outcome,
            "error": error,
            "figures": _figures(made, catalog),
            "artefacts": self._artefacts(record, made, catalog),
            "ran": self._ran,
        }
        record = record.model_copy(update=found)
        self._store.save(record)
        self._store.forget_artefacts(self._config.keep_artefacts)
        self._to_mlflow(record)

    def _artefacts(self, record: RunRecord, made: set[str], catalog: CatalogProtocol) -> dict[str, str]:
        """What nodes saved in files: beside the record where the disk is this one, but for tables, which are large."""
        kept = {}
        for name in sorted(made):
            dataset = catalog.get(name)
            if not isinstance(dataset, FileDataset) or not dataset.exists():
                continue
            path = dataset._get_load_path()
            linked = dataset.local and path.suffix not in TABLES and self._config.keep_artefacts > 0
            kept[name] = self._store.keep(record.run_id, name, Path(path)) if linked else path.as_posix()
        return kept

    def _to_mlflow(self, record: RunRecord) -> None:
        declared = self._declared.get("logger") or {}
        if not str(declared.get("_target_", "")).endswith(MLFLOW):
            return
        from stillroom.runs.mlflow import send

        place = self._store.place(record.run_id)
        send(record, place, declared["tracking_uri"], declared["experiment_name"], declared.get("artifact_location"))


def begun(run_params: dict[str, Any], declared: dict[str, Any]) -> RunRecord:
    """The record of a run that begins now."""
    described = GitCommitDataset().load()
    commit = described.removesuffix("-dirty")
    return RunRecord(
        run_id=run_params["run_id"],
        session=run_params.get("session_id") or run_params["run_id"],
        began=dt.datetime.now(dt.UTC),
        table=declared["table"]["name"],
        env=run_params["env"],
        pipelines=list(run_params["pipeline_names"] or ["__default__"]),
        given=flat(run_params["runtime_params"] or {}),
        params=flat(declared),
        code=CodeVersion(commit=commit, dirty=commit != described, source=tree_fingerprint(SOURCE)),
    )


def refused(run_params: dict[str, Any], declared: dict[str, Any], error: str) -> None:
    """Leave a record of a run that was refused before it began, for what is wrong with the parameters given."""
    record = begun(run_params, declared)
    table = str(record.given.get("table", record.table))
    update = {"outcome": "failed", "error": error, "table": table, "params": record.given}
    RunStore(RunsConfig.model_validate(declared["runs"]).folder).save(record.model_copy(update=update))


def _data(pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, DataVersion]:
    names = (name for name in sorted(pipeline.inputs()) if name != "parameters" and not name.startswith("params:"))
    return {name: _version(catalog.get(name)) for name in names}


def _version(dataset: Any) -> DataVersion:
    try:
        return DataVersion(**data_version(dataset)._asdict())
    except UnknownError:
        return DataVersion(fingerprint=None)


def _figures(made: set[str], catalog: CatalogProtocol) -> dict[str, float]:
    """The numbers of the catalog entries that are marked as figures."""
    figures: dict[str, float] = {}
    for name in sorted(made):
        dataset: Any = catalog.get(name)
        if (getattr(dataset, "metadata", None) or {}).get("figures") and dataset.exists():
            figures |= {f"{name}.{figure}": value for figure, value in dataset.load().items() if math.isfinite(value)}
    return figures
