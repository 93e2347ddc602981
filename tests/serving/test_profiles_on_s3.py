"""A service's profiles go to an object store, and the monitoring finds them there: moto's server on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from ports import free_port
from serving.test_watch import batch, onnx_models
from stillroom.datasets.profile import ServiceProfilesDataset
from stillroom.profiles import rows
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.watch import Watcher


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty bucket, which s3fs finds by the variables that every AWS client reads."""
    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("watched")
    yield "s3://watched"
    server.stop()


def test_profiles_are_written_to_s3_and_read_back(bucket: str, tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    key = "a key of 16 signs or more"
    config = ServiceConfig(profile_journal_dir=tmp_path, profile_ids_share=1, profile_ids_key=key)
    for _ in range(2):  # replicas
        watcher = Watcher(signature, f"{bucket}/profiles", config, version="v7")
        watcher.track(columns, predictions)
        watcher.answered(predictions, 0.1, b"a,b,c")
        watcher.close()

    found = ServiceProfilesDataset(filepath=f"{bucket}/profiles/flights-*.bin").load()

    assert {day: rows(view) for day, view in found.items()} == {datetime.now(UTC).date(): 6}
    names = fsspec.filesystem("s3").ls("watched/profiles", detail=False, refresh=True)
    assert sorted(name.rpartition(".")[2] for name in names) == ["bin", "bin", "jsonl", "jsonl"]
