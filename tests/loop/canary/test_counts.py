"""What is read of a service's metrics is what the service counted."""

import numpy as np
from prometheus_client import REGISTRY, generate_latest

from serving import onnx_models
from stillroom.loop.canary.counts import Counts, counted, since, summed
from stillroom.serving.metrics import Metrics
from stillroom.serving.model import Model
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version


def metrics_of(number: str, onnx: bytes, predictions: np.ndarray) -> str:
    """The text of what a service tells after six requests of this version, two of them failed, in two protocols."""
    metrics = Metrics()
    version = Version.of(f"model:{number}", Model(onnx), ServiceConfig(batching="off"))
    for protocol, status, seconds in (
        ("native", 200, 0.0004),
        ("native", 200, 0.002),
        ("native", 422, 0.002),
        ("native", 503, 0.2),
        ("open_inference", 200, 0.002),
        ("open_inference", 500, 99.0),
    ):
        metrics.answered(protocol, number, status, 1, seconds)
    metrics.answered("native", "", 404, 0, 0.001)
    metrics.predictions.add(version, predictions)
    metrics.flush()
    return generate_latest(REGISTRY).decode()


def nonzero(buckets: dict[str, int]) -> dict[str, int]:
    return {bound: count for bound, count in buckets.items() if count}


def test_requests_failures_latencies_and_predictions_are_counted_by_version() -> None:
    predictions = np.float32([0.01, 0.02, 0.62, np.nan])
    found = counted(metrics_of("counted-1", onnx_models.binary(), predictions))

    assert "" not in found
    counts = found["counted-1"]
    assert (counts.requests, counts.failed) == (6, 2)
    assert nonzero(counts.seconds) == {"0.0005": 1, "0.0025": 3, "0.25": 1, "+Inf": 1}
    assert nonzero(counts.predictions) == {"0.05": 2, "0.65": 1, "+Inf": 1}


def test_of_several_classes_the_likeliest_is_counted_and_of_a_regression_the_value() -> None:
    likely = np.float32([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.7, 0.2, 0.1]])
    classes = counted(metrics_of("counted-2", onnx_models.multiclass(), likely))["counted-2"]
    values = counted(metrics_of("counted-3", onnx_models.regression(), np.float32([-0.3, 4.0, 4.5])))["counted-3"]

    assert nonzero(classes.predictions) == {"class early": 2, "class late": 1}
    assert nonzero(values.predictions) == {"-0.2": 1, "5.0": 2}


def test_what_was_counted_before_is_taken_off_and_services_are_added_up() -> None:
    before = Counts(requests=10, failed=1, seconds={"0.1": 9, "+Inf": 1}, predictions={"0.5": 10})
    now = Counts(requests=14, failed=1, seconds={"0.1": 12, "+Inf": 2}, predictions={"0.5": 12, "1.0": 2})
    began_anew = Counts(requests=3, failed=3, seconds={"+Inf": 3}, predictions={})

    assert since(now, Counts()) == now
    grown = since(now, before)
    assert grown == Counts(requests=4, failed=0, seconds={"0.1": 3, "+Inf": 1}, predictions={"0.5": 2, "1.0": 2})
    assert since(began_anew, before) == began_anew
    assert summed([grown, began_anew]) == Counts(
        requests=7, failed=3, seconds={"0.1": 3, "+Inf": 4}, predictions={"0.5": 2, "1.0": 2}
    )
