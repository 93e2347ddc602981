import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from serving import onnx_models
from stillroom.profiles import merge, read, rows
from stillroom.serving.model import Model, as_columns
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.watch import Watcher, profile_batch

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
    assert not list(tmp_path.iterdir())
    watcher.track(columns, predictions)

    assert written.wait(20)
    watcher.close()
    (path,) = tmp_path.iterdir()
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
    assert [rows(read(path)) for path in tmp_path.iterdir()] == [3]


def test_closing_writes_what_is_left_and_drops_what_comes_later(tmp_path: Path) -> None:
    signature, columns, predictions = batch(onnx_models.binary())
    dropped: list[int] = []
    watcher = Watcher(signature, tmp_path, ServiceConfig(), on_drop=dropped.append)
    for _ in range(5):
        watcher.track(columns, predictions)

    watcher.close()
    watcher.track(columns, predictions)

    assert [rows(read(path)) for path in tmp_path.iterdir()] == [15]
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
    assert [rows(read(path)) for path in tmp_path.iterdir()] == [6]


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

    assert rows(merge(read(path) for path in tmp_path.iterdir())) == 1200
