from prometheus_client import REGISTRY

from stillroom.serving.metrics import Metrics

LABELS = {"protocol": "test", "model_version": "v1"}


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"stillroom_{name}", {**LABELS, **labels}) or 0.0


def test_requests_are_counted_by_status_latency_and_rows_once() -> None:
    metrics = Metrics()
    before = sample("request_seconds_sum")
    for seconds, rows in ((0.0004, 1), (0.002, 64), (0.002, 65), (99.0, 1_000_000)):
        metrics.answered("test", "v1", 200, rows, seconds)
    metrics.answered("test", "v1", 422, 0, 0.001)
    for _ in range(2):
        metrics.flush()

    assert sample("requests_total", status="200") == 4
    assert sample("requests_total", status="422") == 1
    assert sample("request_seconds_bucket", le="0.0005") == 1
    assert sample("request_seconds_bucket", le="0.0025") == 4
    assert sample("request_seconds_bucket", le="10.0") == 4
    assert sample("request_seconds_count") == 5
    assert abs(sample("request_seconds_sum") - before - 99.0054) < 1e-9
    assert sample("request_rows_bucket", le="64.0") == 2
    assert sample("request_rows_count") == 4


def test_requests_in_flight_are_those_at_the_flush() -> None:
    metrics = Metrics()
    metrics.in_flight = 3
    metrics.flush()
    assert REGISTRY.get_sample_value("stillroom_requests_in_flight") == 3
