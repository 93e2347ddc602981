"""The record of a run, sent to MLflow. Imported only where it is wanted: it takes seconds."""

from pathlib import Path

from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient
from mlflow.utils.mlflow_tags import MLFLOW_GIT_COMMIT, MLFLOW_PARENT_RUN_ID

from stillroom.runs.record import RunRecord

AT_ONCE = 100  # parameters that MLflow takes in one batch
LONGEST = 6000  # letters of a parameter's value


def send(record: RunRecord, folder: Path, uri: str, experiment: str, artifacts: str | None = None) -> str:
    """Make an MLflow run of a record and the artefacts in its folder; returns its id.

    The fits that Lightning has logged meanwhile become its children. ``artifacts`` is where a new experiment keeps its
    artefacts, if not where MLflow chooses.
    """
    client = MlflowClient(uri)
    began = int(1000 * record.began.timestamp())
    ended = began + int(1000 * record.seconds)
    found = client.get_experiment_by_name(experiment)
    place = found.experiment_id if found else client.create_experiment(experiment, artifacts)
    children = client.search_runs([place], f"attributes.start_time >= {began}")
    run = client.create_run(place, start_time=began, tags=_tags(record), run_name=record.run_id).info.run_id
    params = [Param(key, str(value)[:LONGEST]) for key, value in record.params.items()]
    for first in range(0, len(params), AT_ONCE):
        client.log_batch(run, params=params[first : first + AT_ONCE])
    client.log_batch(run, metrics=[Metric(name, value, ended, 0) for name, value in record.figures.items()])
    client.log_artifacts(run, str(folder))
    client.set_terminated(run, "FINISHED" if record.outcome == "completed" else "FAILED", ended)
    for child in children:
        if MLFLOW_PARENT_RUN_ID not in child.data.tags:
            client.set_tag(child.info.run_id, MLFLOW_PARENT_RUN_ID, run)
    return str(run)


def _tags(record: RunRecord) -> dict[str, str]:
    return {
        MLFLOW_GIT_COMMIT: record.code.commit,
        "dirty": str(record.code.dirty).lower(),
        "source": record.code.source,
        "table": record.table,
        "pipelines": ",".join(record.pipelines),
        "session": record.session,
        **{f"data.{name}": str(version.fingerprint) for name, version in record.data.items()},
    }
