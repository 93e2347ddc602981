"""A served Bento whose `/metrics` a Prometheus scrapes, which tells an Alertmanager, which tells a receiver."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.programs import Receiver, alertmanager, prometheus, receiver
from monitoring.days import FIRST_LIVE_DAY, days_of, views, whole
from monitoring.quality.rows import FIRST_HELD_OUT_DAY, binary
from ports import free_port
from serving import onnx_models
from serving.served import served
from stillroom.datasets.bento import Release, build_bento, save_model
from stillroom.monitoring import MonitorConfig, drift_report, quality_report
from stillroom.monitoring.exposition import drift_series

PROJECT = Path(__file__).parents[2]
NAME = "stillroom_flights"
MOST = 4  # requests at a time
ROW = {"distance": 2.5, "hour": 7}


@dataclass(frozen=True)
class Watched:
    """Where the programs listen, what came to the receiver, and what the monitoring wrote."""

    service: str
    prometheus: str
    came: Receiver
    drift_file: Path
    versions: dict[str, str]

    def predict(self, task: str = "binary", rows: int = 8) -> httpx.Response:
        """Ask the version of this task."""
        headers = {"x-model-version": self.versions[task]}
        return httpx.post(f"{self.service}/predict", json={"rows": [ROW] * rows}, headers=headers, timeout=60)


def monitored(*, drifted: bool) -> str:
    """The series of the monitoring of four days: where they drifted, an input and the predictions did."""
    config = MonitorConfig(window_days=(1,), quality_days=1, bootstrap=20)
    before = days_of(dt.date(2013, 10, 1), [{}] * 10, seed=0)
    live = days_of(FIRST_LIVE_DAY, [{"shift": 2.0 * drifted}] * 4, seed=1)
    for _, columns in live if drifted else []:
        columns["prediction"] = 1 - columns["prediction"]
    quality = quality_report(
        binary(FIRST_LIVE_DAY, [1, 1, 1, 1], seed=2), binary(FIRST_HELD_OUT_DAY, [1] * 6, seed=3), config
    )
    report = drift_report(whole(before), views(before), views(live), task="binary", config=config, quality=quality)
    return drift_series(report, "flights")


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """One version for each task, so that every series there can be is there."""
    home, folder = tmp_path_factory.mktemp("bentoml"), tmp_path_factory.mktemp("watched")
    drift_file = folder / "drift.prom"
    drift_file.write_text(monitored(drifted=True))
    models = {"binary": onnx_models.binary, "multiclass": onnx_models.multiclass, "regression": onnx_models.regression}
    with pytest.MonkeyPatch.context() as patch:  # as briefly as can be: other rooms' tests have stores of their own
        patch.setitem(os.environ, "BENTOML_HOME", str(home))
        tags = {task: save_model(NAME, Release(make(), {}, {})) for task, make in models.items()}
        bento = build_bento(tags["binary"], NAME, PROJECT)
    with ExitStack() as stack:
        versions = {task: tag.split(":")[1] for task, tag in tags.items()}
        settings = {
            "VERSIONS": f"{versions['multiclass']},{versions['regression']}",
            "DRIFT_FILE": str(drift_file),
            "PROFILE_DIR": str(folder / "profiles"),
            "PROFILE_EVERY_SECONDS": "1",
            "MAX_WAITING": str(MOST),
            "DEADLINE_SECONDS": "60",
            "TIMEOUT_SECONDS": "60",
        }
        environment = {f"STILLROOM_SERVING_{name}": value for name, value in settings.items()}
        service = stack.enter_context(served(bento, {"BENTOML_HOME": str(home), **environment}))
        hook, alerts = free_port(), free_port()
        came = stack.enter_context(receiver(hook))
        stack.enter_context(alertmanager(folder, {"9095": hook}, alerts))
        scraped = {"3000": int(service.rsplit(":", 1)[1]), "9093": alerts}
        watching = stack.enter_context(prometheus(folder, scraped))
        yield Watched(service, watching, came, drift_file, versions)
