import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import numpy as np
import pytest

from serving import onnx_models
from stillroom.profiles import from_bytes, merge, read, rows
from stillroom.serving.model import Model, as_columns
from stillroom.serving.profile_columns import profile_batch
from stillroom.serving.profile_store import ProfileStore
from stillroom.serving.row_ids import is_sampled, row_hash
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.watch import LATENCY, VERSION, Watcher

TESTS = Path(__file__).parents[1]
NEW_YEAR = datetime(2014, 1, 1, tzinfo=UTC)
TABLE = {
    "distance": np.array([100.0, np.nan, 300.0]),
    "hour": np.array([7.0, 8.0, 9.0]),
    "carrier": np.array(["UA", "", "UA"], dtype=object),
    "origin": np.array(["JFK", "EWR", None], dtype=object),
}


def batch(onnx: bytes) -> tuple:
    model = Model(onnx)
    columns = as_columns(model.signature, TABLE)
    return model.signature, columns, model.predict(columns)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_profile_holds_inputs_with_missing_values_and_the_prediction() -> None:
    signature, columns, predictions = batch(onnx_models.binary())

    view = profile_batch(signature, columns, predictions, NEW_YEAR)

    assert view.dataset_timestamp == NEW_YEAR
    assert set(view.get_columns()) == {"distance", "hour", "carrier", "origin", "prediction"}
    assert {name: column.get_metric("counts").null.value for name, column in view.get_columns().items()} == {
        "distance": 1,
        "hour": 0,
        "carrier": 1,
        "origin": 1,
        "prediction": 0,
    }
    assert view.get_column("distance").get_metric("distribution").max == 300.0
    assert view.get_column("prediction").get_metric("distribution").mean.value == pytest.approx(predictions.mean())
    carriers = view.get_column("carrier").get_metric("frequent_items").strings
    assert [(item.value, item.est) for item in carriers] == [("UA", 2)]


def test_the_likeliest_class_is_profiled_where_there_are_classes() -> None:
    signature, columns, predictions = batch(onnx_models.multiclass())

    view = profile_batch(signature, columns, predictions, NEW_YEAR)

    counted = {item.value: item.est for item in view.get_column("prediction").get_metric("frequent_items").strings}
    likeliest = [onnx_models.CLASSES[index] for index in predictions.argmax(axis=1)]
    assert counted == {name: likeliest.count(name) for name in set(likeliest)}


def test_requests_become_one_profile_when_enough_rows_came(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    written = threading.Event()
    counts: list[int] = []
    config = ServiceConfig(profile_every_rows=6, profile_every_seconds=3600)
    watcher = Watcher(signature, tmp_path, config, on_write=lambda n: (counts.append(n), written.set()))

    watcher.track(columns, predictions)
    assert not list(tmp_path.glob("*.bin"))
    watcher.track(columns, predictions)

    assert written.wait(20)
    watcher.close()
    (path,) = tmp_path.glob("*.bin")
    assert counts == [6]
    assert rows(read(path)) == 6
    assert read(path).get_column("carrier").get_metric("counts").null.value == 2


def test_a_profile_is_written_after_some_seconds_however_few_the_rows(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    written = threading.Event()
    config = ServiceConfig(profile_every_seconds=0.05)
    watcher = Watcher(signature, tmp_path, config, on_write=lambda n: written.set())

    watcher.track(columns, predictions)

    assert written.wait(20)
    watcher.close()
    assert [rows(read(path)) for path in tmp_path.glob("*.bin")] == [3]


def test_closing_writes_what_is_left_and_drops_what_comes_later(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    dropped: list[int] = []
    watcher = Watcher(signature, tmp_path, ServiceConfig(), on_drop=dropped.append)
    for _ in range(5):
        watcher.track(columns, predictions)

    watcher.close()
    watcher.track(columns, predictions)

    assert [rows(read(path)) for path in tmp_path.glob("*.bin")] == [15]
    assert dropped == [3]


def test_a_full_queue_drops_and_counts(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    dropped: list[int] = []
    config = ServiceConfig(profile_queue_rows=7)
    watcher = Watcher(signature, tmp_path, config, on_drop=dropped.append)

    for _ in range(4):
        watcher.track(columns, predictions)
    watcher.close()

    assert dropped == [3, 3]
    assert [rows(read(path)) for path in tmp_path.glob("*.bin")] == [6]


def test_a_directory_that_cannot_be_written_costs_its_rows_and_nothing_else(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    dropped: list[int] = []
    file = tmp_path / "profiles"
    file.write_text("not a directory")
    watcher = Watcher(signature, file, ServiceConfig(), on_drop=dropped.append)
    watcher.track(columns, predictions)

    watcher.close()

    assert dropped == [3]


def test_many_threads_lose_no_row(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    watcher = Watcher(signature, tmp_path, ServiceConfig(profile_every_rows=300))

    def track() -> None:
        for _ in range(100):
            watcher.track(columns, predictions)

    threads = [threading.Thread(target=track) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watcher.close()

    assert rows(merge(read(path) for path in tmp_path.glob("*.bin"))) == 1200


def test_a_profile_tells_the_version_and_how_long_requests_took(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    watcher = Watcher(signature, tmp_path, ServiceConfig(), version="v7")
    watcher.track(columns, predictions)
    watcher.answered(predictions, 0.25)

    watcher.close()

    (path,) = tmp_path.iterdir()
    view = read(path)
    assert view.metadata["model"] == "v7"
    assert [(each.value, each.est) for each in view.get_column(VERSION).get_metric("frequent_items").strings] == [
        ("v7", 3)
    ]
    assert view.get_column(LATENCY).get_metric("distribution").max == 0.25
    assert rows(view) == 3


def test_no_value_of_a_private_column_and_nothing_of_one_left_out_is_written(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    config = ServiceConfig(profile_private="carrier,distance", profile_left_out="origin,prediction")
    watcher = Watcher(signature, tmp_path, config)
    watcher.track(columns, predictions)

    watcher.close()

    (path,) = tmp_path.iterdir()
    view = read(path)
    assert set(view.get_columns()) == {"distance", "hour", "carrier", VERSION}
    for name in ("carrier", "distance"):
        assert {metric.namespace for metric in view.get_column(name).get_metrics()} == {
            "counts",
            "types",
            "cardinality",
        }
        assert view.get_column(name).get_metric("counts").null.value == 1
    assert view.get_column("carrier").get_metric("cardinality").estimate == pytest.approx(1)
    assert b"UA" not in path.read_bytes()


def test_texts_that_the_model_does_not_know_are_written_as_their_hashes() -> None:
    model = Model(onnx_models.binary())
    names = [
        "Ada Lovelace",
        "Ada Lovelace",
        "UA",
        "I am Ada Lovelace, and I complain about the delay of my flight",
    ]
    carriers = {"carrier": np.array([*names, None], dtype=object)}
    columns = as_columns(model.signature, carriers | {"origin": np.array(["7", "JFK", "UA", "", None], dtype=object)})

    view = profile_batch(model.signature, columns, model.predict(columns), NEW_YEAR)

    def counted(name: str) -> dict[str, float]:
        return {item.value: item.est for item in view.get_column(name).get_metric("frequent_items").strings}

    assert counted("carrier")["UA"] == 1
    assert sorted(counted("carrier").values()) == [1, 1, 2]
    assert {value for value in counted("carrier") if not value.startswith("text:")} == {"UA"}
    assert {value for value in counted("origin") if not value.startswith("text:")} == {"7", "JFK"}
    assert view.get_column("carrier").get_metric("counts").null.value == 1
    assert b"Lovelace" not in view.serialize()


def test_what_waits_for_a_store_that_blocks_is_bounded_and_what_is_left_out_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    reached, opened = threading.Event(), threading.Event()
    write = ProfileStore.write

    def blocking(store: ProfileStore, name: str, content: bytes) -> None:
        reached.set()
        opened.wait(60)
        write(store, name, content)

    monkeypatch.setattr(ProfileStore, "write", blocking)
    dropped: list[int] = []
    left_out: Counter[str] = Counter()
    config = ServiceConfig(
        profile_every_rows=3, profile_queue_rows=9, profile_ids_share=1, profile_ids_key="a key of 16 signs or more"
    )
    watcher = Watcher(
        signature, tmp_path, config, dropped.append, on_leave_out=lambda what, n: left_out.update({what: n})
    )

    def ask() -> None:
        watcher.track(columns, predictions)
        watcher.answered(predictions, 0.1, b"a,b,c")

    ask()
    assert reached.wait(60)
    for _ in range(20):
        ask()
    opened.set()
    watcher.close()

    assert sum(dropped) == (21 - 1 - 3) * 3
    views = [read(path) for path in tmp_path.glob("*.bin")]
    assert rows(merge(views)) == 63 - sum(dropped)
    kept = sum(len(path.read_text().splitlines()) for path in tmp_path.glob("*.jsonl"))
    assert kept + left_out["prediction"] == 63
    assert 9 <= kept <= 12
    seconds = [view.get_column(LATENCY) for view in views]
    assert sum(each.get_metric("counts").n.value for each in seconds if each) + left_out["latency"] == 21
    assert left_out["latency"] >= 21 - 1 - 9 - 1


def test_predictions_that_wait_for_a_store_that_fails_are_bounded(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    blocked = tmp_path / "profiles"
    blocked.write_text("not a directory")
    left_out: Counter[str] = Counter()
    config = ServiceConfig(
        profile_every_rows=3,
        profile_queue_rows=7,
        profile_ids_share=1,
        profile_ids_key="a key of 16 signs or more",
        profile_journal_dir=tmp_path,
    )
    watcher = Watcher(signature, blocked, config, on_leave_out=lambda what, n: left_out.update({what: n}))
    for number in range(1, 6):
        watcher.answered(predictions, 0.1, b"a,b,c")
        watcher.track(columns, predictions)
        wait_until(lambda number=number: watcher._until == 3 * number)
    blocked.unlink()

    watcher.close()

    (path,) = blocked.glob("*.jsonl")
    assert len(path.read_text().splitlines()) == 7
    assert left_out == {"prediction": 8}


def test_the_next_start_tells_how_many_rows_a_killed_process_lost(tmp_path: Path, caplog) -> None:
    """A process is killed with rows in its queue; those it had written before are not among the lost."""
    code = """
import os, signal, sys, threading
from serving.test_watch import *
signature, columns, predictions = batch(onnx_models.binary())
written = threading.Event()
watcher = Watcher(signature, sys.argv[1], ServiceConfig(profile_every_rows=6), on_write=lambda n: written.set())
for _ in range(2):
    watcher.track(columns, predictions)
written.wait(60)
while True:
    with watcher._due:
        if watcher._pending == 0:
            break
watcher.track(columns, predictions)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=120, cwd=TESTS)
    assert killed.returncode == -signal.SIGKILL
    assert rows(merge(read(path) for path in tmp_path.glob("*.bin"))) == 6
    signature, _, _ = batch(onnx_models.binary())
    dropped: list[int] = []

    for _ in range(2):
        Watcher(signature, tmp_path, ServiceConfig(), on_drop=dropped.append).close()

    assert dropped == [3]
    assert "a service was killed: 3 rows of its last interval are in no profile" in caplog.text
    assert not list(tmp_path.glob(".*"))


def test_the_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    dropped: list[int] = []
    first = Watcher(signature, tmp_path, ServiceConfig(), on_drop=dropped.append)
    first.track(columns, predictions)

    Watcher(signature, tmp_path, ServiceConfig(), on_drop=dropped.append).close()
    first.close()

    assert dropped == []
    assert [rows(read(path)) for path in tmp_path.iterdir()] == [3]


def test_profiles_go_to_any_filesystem(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    config = ServiceConfig(profile_dir="memory://bucket/profiles", profile_journal_dir=tmp_path)
    assert config.profile_dir
    watcher = Watcher(signature, config.profile_dir, config)
    watcher.track(columns, predictions)

    watcher.close()

    filesystem = fsspec.filesystem("memory")
    (path,) = filesystem.ls("/bucket/profiles", detail=False)
    assert rows(from_bytes(filesystem.cat_file(path))) == 3


def test_a_profile_that_cannot_be_written_is_kept_until_it_can(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    blocked = tmp_path / "profiles"
    blocked.write_text("not a directory")
    written: list[int] = []
    config = ServiceConfig(profile_every_rows=3, profile_journal_dir=tmp_path)
    watcher = Watcher(signature, blocked, config, on_write=written.append)
    watcher.track(columns, predictions)
    wait_until(lambda: watcher._until > 0)
    blocked.unlink()
    watcher.track(columns, predictions)

    watcher.close()

    assert written == [6]
    assert [rows(read(path)) for path in blocked.iterdir()] == [6]


def test_sampled_rows_are_kept_by_the_hash_of_their_identifiers_beside_their_predictions(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    key = "a key of 16 signs or more"
    watcher = Watcher(signature, tmp_path, ServiceConfig(profile_ids_share=1, profile_ids_key=key), version="v7")
    watcher.track(columns, predictions)
    watcher.answered(predictions, 0.1, b"UA1, UA2,")
    watcher.answered(predictions, 0.1, b"UA1")  # not one a row
    watcher.close()

    (path,) = tmp_path.glob("*.jsonl")
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert [each["row_id"] for each in kept] == [row_hash("UA1", key), row_hash("UA2", key)]
    assert [each["prediction"] for each in kept] == predictions[:2].tolist()
    assert {each["model_version"] for each in kept} == {"v7"}
    assert row_hash("UA1") != row_hash("UA1", key)


def test_the_same_rows_are_sampled_everywhere() -> None:
    hashes = [row_hash(f"row {number}") for number in range(2_000)]
    quarter = {each for each in hashes if is_sampled(each, 0.25)}
    assert 430 < len(quarter) < 570
    assert quarter < {each for each in hashes if is_sampled(each, 0.5)}
    assert not any(is_sampled(each, 0) for each in hashes)
