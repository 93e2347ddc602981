"""What a service counts of each version, read from its `/metrics`."""

from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, ConfigDict

LATENCY = "stillroom_request_seconds_bucket"
PREDICTIONS = ("stillroom_predicted_probability_bucket", "stillroom_predicted_value_bucket")
CLASSES = "stillroom_predicted_class_total"


class Counts(BaseModel):
    """Requests that picked a version, those of them that failed, and the rest in buckets.

    ``seconds`` and ``predictions`` count by the upper bound of the bucket as Prometheus writes it, or by class; not
    cumulative.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests: int = 0
    failed: int = 0
    seconds: dict[str, int] = {}
    predictions: dict[str, int] = {}


def counted(metrics: str) -> dict[str, Counts]:
    """The counts by version, of Prometheus' text format."""
    plain: dict[str, dict[str, int]] = {}
    cumulative: dict[str, dict[str, dict[str, int]]] = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            number, value = sample.labels.get("model_version", ""), int(sample.value)
            if not number:
                continue
            if sample.name == "stillroom_requests_total":
                _add(plain.setdefault(number, {}), "requests", value)
                _add(plain[number], "failed", value if sample.labels["status"].startswith("5") else 0)
            elif sample.name == CLASSES:
                _add(plain.setdefault(number, {}), f"class {sample.labels['predicted']}", value)
            elif sample.name in (LATENCY, *PREDICTIONS):
                _add(cumulative.setdefault(number, {}).setdefault(sample.name, {}), sample.labels["le"], value)
    return {number: _of(plain.get(number, {}), cumulative.get(number, {})) for number in plain | cumulative}


def since(now: Counts, before: Counts) -> Counts:
    """What was counted after ``before``; a service that began anew in between has counted all of it since."""
    if now.requests < before.requests:
        return now
    return Counts(
        requests=now.requests - before.requests,
        failed=max(now.failed - before.failed, 0),
        seconds=_minus(now.seconds, before.seconds),
        predictions=_minus(now.predictions, before.predictions),
    )


def summed(counts: Iterable[Counts]) -> Counts:
    """Those of several services together."""
    requests = failed = 0
    seconds: dict[str, int] = {}
    predictions: dict[str, int] = {}
    for each in counts:
        requests, failed = requests + each.requests, failed + each.failed
        for into, buckets in ((seconds, each.seconds), (predictions, each.predictions)):
            for bound, count in buckets.items():
                _add(into, bound, count)
    return Counts(requests=requests, failed=failed, seconds=seconds, predictions=predictions)


def _of(plain: dict[str, int], cumulative: dict[str, dict[str, int]]) -> Counts:
    classes = {name: count for name, count in plain.items() if name.startswith("class ")}
    binned = next((cumulative[name] for name in PREDICTIONS if name in cumulative), {})
    return Counts(
        requests=plain.get("requests", 0),
        failed=plain.get("failed", 0),
        seconds=_single(cumulative.get(LATENCY, {})),
        # Where there are classes, which one it is says more than how likely it is.
        predictions=classes or _single(binned),
    )


def _single(cumulative: dict[str, int]) -> dict[str, int]:
    """Each bucket's own count, of counts of all up to it; the labels of several protocols are added up already."""
    before, single = 0, {}
    for bound, count in sorted(cumulative.items(), key=lambda item: float(item[0])):
        single[bound], before = count - before, count
    return single


def _minus(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {bound: max(count - before.get(bound, 0), 0) for bound, count in now.items()}


def _add(into: dict[str, int], key: str, value: int) -> None:
    into[key] = into.get(key, 0) + value
