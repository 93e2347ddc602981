import asyncio
from time import perf_counter

import numpy as np
import pytest
from prometheus_client import REGISTRY

from serving import onnx_models
from stillroom.serving import predictions as module
from stillroom.serving.model import Model
from stillroom.serving.predictions import Predictions
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

CONFIG = ServiceConfig(batching="off")


def version(onnx: bytes, number: str) -> Version:
    return Version.of(f"stillroom_t:{number}", Model(onnx), CONFIG)


def sample(name: str, number: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"stillroom_predicted_{name}", {"model_version": number, **labels})


def test_probabilities_are_counted_in_twentieths_once() -> None:
    counted, served = Predictions(), version(onnx_models.binary(), "probabilities")
    counted.add(served, np.array([0.04, 0.5], np.float32))
    counted.add(served, np.array([0.99], np.float32))
    for _ in range(2):
        counted.flush()

    assert sample("probability_bucket", "probabilities", le="0.05") == 1
    assert sample("probability_bucket", "probabilities", le="0.45") == 1
    assert sample("probability_bucket", "probabilities", le="0.5") == 2
    assert sample("probability_bucket", "probabilities", le="1.0") == 3
    assert sample("probability_count", "probabilities") == 3
    assert sample("probability_sum", "probabilities") == pytest.approx(1.53)


def test_classes_are_counted_by_name_and_by_how_sure_the_model_is() -> None:
    counted = Predictions()
    counted.add(version(onnx_models.multiclass(), "classes"), np.float32([[0.1, 0.7, 0.2], [0.1, 0.3, 0.6]]))
    counted.flush()

    rows = [sample("class_total", "classes", predicted=name) for name in onnx_models.CLASSES]
    assert rows == [0, 1, 1]
    assert sample("probability_bucket", "classes", le="0.65") == 1
    assert sample("probability_count", "classes") == 2


def test_values_are_counted_by_magnitude_and_what_is_no_number_apart() -> None:
    counted = Predictions()
    counted.add(version(onnx_models.regression(), "values"), np.float32([-30, 0, 0.0004, 150, np.nan]))
    counted.flush()

    assert sample("value_bucket", "values", le="-20.0") == 1
    assert sample("value_bucket", "values", le="0.0") == 2
    assert sample("value_bucket", "values", le="0.001") == 3
    assert sample("value_bucket", "values", le="100.0") == 3
    assert sample("value_bucket", "values", le="200.0") == 4
    assert sample("value_count", "values") == 5


def test_where_nobody_flushes_only_so_many_rows_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    counted, served = Predictions(), version(onnx_models.binary(), "waiting")
    for _ in range(3):
        counted.add(served, np.zeros(4, np.float32))

    assert sample("probability_count", "waiting") == 12


def test_every_answered_row_is_counted_for_the_version_that_answered() -> None:
    served = version(onnx_models.binary(), "answered")
    predictor = Predictor(Versions(served), CONFIG)
    rows = [{"hour": hour} for hour in range(300)]
    answer = asyncio.run(predictor.predict(served, served.reader.rows(rows), perf_counter()))
    predictor.metrics.flush()

    calls = {"model_version": "answered"}
    assert REGISTRY.get_sample_value("stillroom_call_rows_count", calls) == 2
    assert REGISTRY.get_sample_value("stillroom_call_rows_sum", calls) == 300
    assert sample("probability_count", "answered") == 300
    assert sample("probability_sum", "answered") == pytest.approx(float(answer.sum()), rel=1e-5)
