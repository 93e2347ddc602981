"""A Bento served in processes of its own, asked over HTTP."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import numpy as np
import onnxruntime as ort
import polars as pl
import pytest
import yaml
from bentoml import SyncHTTPClient
from bentoml.exceptions import BentoMLException
from prometheus_client.parser import text_string_to_metric_families

from serving.conftest import Built
from serving.served import served
from stillroom.profiles import read, rows
from stillroom.serving.formats.tables import ArrowStream
from stillroom.serving.model import Model, as_columns
from stillroom.serving.row_ids import row_hash

ROWS = [
    {"distance": 2.5, "hour": 7, "carrier": "UA", "origin": "JFK"},
    {"distance": None, "carrier": "unseen", "origin": 7},
    {},
]


def expected(onnx: bytes) -> np.ndarray:
    """What ONNX Runtime itself says of ROWS."""
    names = ["distance", "hour", "carrier", "origin"]
    table = {name: np.array([row.get(name) for row in ROWS], dtype=object) for name in names}
    return ort.InferenceSession(onnx).run(None, as_columns(Model(onnx).signature, table))[0]


@pytest.fixture(scope="module")
def url(flights: Built) -> Iterator[str]:
    limits = {"STILLROOM_SERVING_MAX_BODY_BYTES": "100000", "STILLROOM_SERVING_MAX_ROWS": "50"}
    with served(flights.bento, {"BENTOML_HOME": str(flights.home), **limits}) as base_url:
        yield base_url


@pytest.mark.slow
@pytest.mark.parametrize("route", ["/predict", "/score"])
def test_predictions_are_those_of_the_model(url: str, flights: Built, route: str) -> None:
    answer = httpx.post(f"{url}{route}", json={"rows": ROWS})

    assert answer.status_code == 200
    assert answer.json()["model"] == flights.model
    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(flights.onnx))


@pytest.mark.slow
def test_bentomls_own_client_predicts_and_hears_the_sentence(url: str, flights: Built) -> None:
    with SyncHTTPClient(url) as client:
        answer = client.score(rows=ROWS)

        np.testing.assert_array_equal(np.float32(answer["predictions"]), expected(flights.onnx))
        with pytest.raises(BentoMLException, match="expected a number or null"):
            client.score(rows=[{"hour": "seven"}])


def chunks_of(size: int) -> Iterator[bytes]:
    for _ in range(size // 1000):
        yield b" " * 1000


@pytest.mark.slow
@pytest.mark.parametrize("route", ["/predict", "/score"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b'{"rows": [', 400),
        (b'{"rows": [{"dep_delay": 1}]}', 422),
        (b'{"rows": [{"hour": "7"}]}', 422),
        (b'{"rows": []}', 422),
        (json.dumps({"rows": [{}] * 51}).encode(), 413),
        (b" " * 200_000, 413),
        (chunks_of, 413),
    ],
)
def test_a_bad_request_gets_one_sentence_and_no_stack_trace(url: str, route: str, body, status: int) -> None:
    content = body(200_000) if callable(body) else body

    answer = httpx.post(f"{url}{route}", content=content, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert "Traceback" not in answer.text
    assert "\n" not in answer.json()["error"]
    assert httpx.post(f"{url}{route}", json={"rows": ROWS}).status_code == 200


@pytest.mark.slow
def test_a_form_or_a_pickle_is_refused(url: str) -> None:
    for content_type in ("application/x-www-form-urlencoded", "application/vnd.bentoml+pickle"):
        for route in ("/predict", "/score"):
            answer = httpx.post(f"{url}{route}", content=b"{}", headers={"content-type": content_type})

            assert answer.status_code == 415


@pytest.mark.slow
def test_a_wrong_method_is_refused_in_json(url: str) -> None:
    answer = httpx.get(f"{url}/predict")

    assert (answer.status_code, list(answer.json())) == (405, ["error"])


@pytest.mark.slow
def test_bentomls_probes_and_index_page_keep_working(url: str) -> None:
    assert [httpx.get(f"{url}/{probe}").status_code for probe in ("healthz", "livez", "readyz")] == [200, 200, 200]
    assert "text/html" in httpx.get(f"{url}/").headers["content-type"]


@pytest.mark.slow
def test_metrics_count_predictions_by_protocol_version_and_status(url: str, flights: Built) -> None:
    version = flights.model.partition(":")[2]

    def told(name: str, **labels: str) -> float:
        families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return sum(each.value for each in samples if labels.items() <= each.labels.items())

    answered = {"protocol": "native", "model_version": version, "status": "200"}
    before, rows = told("stillroom_requests_total", **answered), told("stillroom_request_rows_sum", protocol="native")
    for _ in range(3):
        httpx.post(f"{url}/predict", json={"rows": ROWS})
    httpx.post(f"{url}/predict", json={"rows": [{"hour": "seven"}]})

    assert told("stillroom_requests_total", **answered) == before + 3
    assert told("stillroom_requests_total", protocol="native", status="422") >= 1
    assert told("stillroom_request_rows_sum", protocol="native") == rows + 9
    assert told("stillroom_request_seconds_bucket", protocol="native", model_version=version, le="+Inf") >= 3
    assert told("stillroom_requests_in_flight") == 0


@pytest.mark.slow
def test_a_served_bento_reads_tables(url: str) -> None:
    body = pl.DataFrame(ROWS).write_ipc_stream(None).getvalue()

    answer = httpx.post(f"{url}/predict", content=body, headers={"content-type": ArrowStream.media_type})

    told = httpx.post(f"{url}/predict", json={"rows": ROWS}).json()["predictions"]
    assert pl.read_ipc_stream(answer.content)["prediction"].to_list() == [float(np.float32(each)) for each in told]


@pytest.mark.slow
def test_the_openapi_page_describes_the_models_own_columns(url: str) -> None:
    paths = httpx.get(f"{url}/docs.json").json()["paths"]

    for route in ("/predict", "/score"):
        body = paths[route]["post"]["requestBody"]["content"]["application/json"]["schema"]["oneOf"][0]
        row = body["properties"]["rows"]["items"]
        assert {name: column["type"] for name, column in row["properties"].items()} == {
            "distance": "number",
            "hour": "number",
            "carrier": "string",
            "origin": "string",
        }
        assert body["properties"]["rows"]["maxItems"] == 50
        assert {"200", "400", "406", "408", "413", "415", "422", "500", "503"} == set(paths[route]["post"]["responses"])


@pytest.mark.slow
def test_profiles_of_what_was_served_are_written_by_the_time_the_service_ends(flights: Built, tmp_path: Path) -> None:
    variables = {"BENTOML_HOME": str(flights.home), "STILLROOM_SERVING_PROFILE_DIR": str(tmp_path / "profiles")}
    with served(flights.bento, variables) as url:
        for _ in range(4):
            httpx.post(f"{url}/predict", json={"rows": ROWS})
        metrics = httpx.get(f"{url}/metrics").text

    (path,) = (tmp_path / "profiles").iterdir()
    view = read(path)
    assert rows(view) == 12
    assert view.get_column("carrier").get_metric("counts").null.value == 4
    assert view.get_column("prediction").get_metric("distribution").mean.value == pytest.approx(
        expected(flights.onnx).mean()
    )
    assert "stillroom_dropped_rows_total 0.0" in metrics


@pytest.mark.slow
def test_a_killed_worker_s_rows_are_counted_by_the_next_and_sampled_rows_are_kept_by_hash(
    flights: Built, tmp_path: Path
) -> None:
    variables = {
        "BENTOML_HOME": str(flights.home),
        "STILLROOM_SERVING_PROFILE_DIR": str(tmp_path),
        "STILLROOM_SERVING_PROFILE_IDS_SHARE": "1",
        "STILLROOM_SERVING_PROFILE_IDS_KEY": "a key of 16 signs",
    }
    with served(flights.bento, variables) as url:
        httpx.post(f"{url}/predict", json={"rows": ROWS})
        (journal,) = tmp_path.glob(".*.journal")
        os.kill(int(journal.name.split("-")[-2]), signal.SIGKILL)
        until = time.monotonic() + 60
        while "stillroom_dropped_rows_total 3.0" not in _metrics(url) and time.monotonic() < until:
            time.sleep(0.2)
        metrics = _metrics(url)
        answer = httpx.post(f"{url}/predict", json={"rows": ROWS}, headers={"x-row-ids": "a,b,c"})

    assert "stillroom_dropped_rows_total 3.0" in metrics
    (path,) = tmp_path.glob("*.bin")
    assert rows(read(path)) == 3
    assert read(path).get_column("service.latency_seconds").get_metric("counts").n.value == 1
    (path,) = tmp_path.glob("*.jsonl")
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert [each["row_id"] for each in kept] == [row_hash(name, "a key of 16 signs") for name in "abc"]
    np.testing.assert_allclose([each["prediction"] for each in kept], answer.json()["predictions"], rtol=1e-6)


def _metrics(url: str) -> str:
    try:
        return httpx.get(f"{url}/metrics").text
    except httpx.TransportError:  # between two workers
        return ""


@pytest.mark.slow
def test_with_tracing_on_a_prediction_is_a_span_of_its_callers_trace(flights: Built, tmp_path: Path) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    config = tmp_path / "bentoml.yaml"
    with spans_collected() as (endpoint, spans):
        tracing = {"exporter_type": "zipkin", "sample_rate": 1.0, "zipkin": {"endpoint": endpoint}}
        config.write_text(yaml.safe_dump({"services": {"Stillroom": {"tracing": tracing}}}))
        variables = {"BENTOML_CONFIG": str(config), "STILLROOM_SERVING_TRACE": "true"}
        with served(flights.bento, {"BENTOML_HOME": str(flights.home), **variables}) as url:
            headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
            answer = httpx.post(f"{url}/predict", json={"rows": ROWS}, headers=headers)
        # What is left is sent as the service ends.

    np.testing.assert_array_equal(np.float32(answer.json()["predictions"]), expected(flights.onnx))
    (asked,) = [span for span in spans if span["traceId"] == trace and span.get("kind") == "SERVER"]
    assert asked["parentId"] == "00f067aa0ba902b7"
    assert asked["name"] == "POST /predict"
    assert asked["tags"]["http.status_code"] == "200"


@contextmanager
def spans_collected() -> Iterator[tuple[str, list[dict]]]:
    """A collector of traces in Zipkin's format: where it listens, and the spans that came."""
    spans: list[dict] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            spans.extend(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(202)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/v2/spans", spans
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.slow
def test_a_wrong_setting_ends_the_service_with_its_name(flights: Built) -> None:
    variables = {"BENTOML_HOME": str(flights.home), "STILLROOM_SERVING_MAX_ROWS": "none"}

    with pytest.raises(RuntimeError, match="STILLROOM_SERVING_MAX_ROWS: "), served(flights.bento, variables):
        pass


@pytest.mark.slow
def test_a_bento_packs_only_what_it_serves_with(flights: Built) -> None:
    name, _, version = flights.bento.partition(":")
    source = flights.home / "bentos" / name / version / "src"
    packed = {path.relative_to(source / "stillroom").parts[0] for path in (source / "stillroom").rglob("*.py")}

    assert packed == {"__init__.py", "serving", "integrity", "profiles", "runtime", "table"}
    described = yaml.safe_load((source.parent / "apis" / "openapi.yaml").read_text())
    assert "/predict" in described["paths"]
