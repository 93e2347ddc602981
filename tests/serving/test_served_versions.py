"""Several versions in a served Bento with two workers, changed while it is under load."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from serving.conftest import Built
from serving.model_store import NAME, flip, released
from serving.served import served

TOKEN = "a token that nobody guesses"
REQUESTS = 1_500


class Load:
    """Four clients that ask without pause, each on a new connection now and then, so that both workers are asked."""

    def __init__(self, url: str) -> None:
        self._url, self._ended = url, threading.Event()
        self.phase = "before"
        self.answers: Counter[tuple[str, int, str]] = Counter()
        self.failures: list[Exception] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]

    def _ask(self) -> None:
        while not self._ended.is_set():
            with httpx.Client(base_url=self._url, timeout=30) as client:
                for _ in range(50):
                    phase = self.phase
                    try:
                        answer = client.post("/predict", json={"rows": [{"hour": 7, "carrier": "UA"}]})
                    except httpx.HTTPError as error:
                        self.failures.append(error)
                        continue
                    version = answer.json().get("model", "").partition(":")[2]
                    # What was asked in one phase and answered in the next belongs to neither.
                    self.answers[phase if phase == self.phase else "between", answer.status_code, version] += 1

    def during(self, phase: str) -> Counter[str]:
        """Wait for some answers in a phase, and count them by version."""
        self.phase = phase
        wait_until(lambda: sum(n for (when, *_), n in self.answers.items() if when == phase) >= REQUESTS)
        self.phase = "between"
        return Counter({version: n for (when, _, version), n in self.answers.items() if when == phase})

    @contextmanager
    def running(self) -> Iterator["Load"]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            for thread in self._threads:
                thread.join()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_canary_is_tried_promoted_and_rolled_back_under_load_without_a_failed_request(
    flights: Built, tmp_path: Path
) -> None:
    v1 = flights.model.partition(":")[2]
    v2, v3 = released(2), released(3)
    flip(flights.home / "models" / NAME / v3 / "model.onnx")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    variables = {
        "BENTOML_HOME": str(flights.home),
        "TMPDIR": str(temporary),
        "STILLROOM_SERVING_WORKERS": "2",
        "STILLROOM_SERVING_ADMIN_TOKEN": TOKEN,
    }
    authorised = {"authorization": f"Bearer {TOKEN}"}
    with served(flights.bento, variables) as url, httpx.Client(base_url=url, headers=authorised, timeout=60) as admin:

        def ask(call: str, **body: object) -> httpx.Response:
            return admin.post(f"/admin/versions/{call}", json=body)

        def followed(**serves: object) -> bool:
            workers = admin.get("/admin/versions").json()["workers"]
            return len(workers) == 2 and all(serves.items() <= worker.items() for worker in workers)

        wait_until(lambda: followed(default=v1, loaded=[v1]))
        with Load(url).running() as load:
            assert ask("load", version=v2, canary=0.3).status_code == 200
            wait_until(lambda: followed(canary=v2, canary_share=0.3))
            tried = load.during("canary")
            refused = ask("load", version=v3, canary=0.3)
            wait_until(lambda: followed(canary=v2))
            ask("load", version=v2, default=True)
            wait_until(lambda: followed(default=v2, canary=None))
            promoted = load.during("promoted")
            assert ask("rollback").json()["default"] == v1
            wait_until(lambda: followed(default=v1, problems=[]))
            rolled_back = load.during("rolled back")

        asked = tried.total()
        assert load.failures == []
        assert {status for _, status, _ in load.answers} == {200}
        assert tried.keys() == {v1, v2}
        assert tried[v2] == pytest.approx(0.3 * asked, abs=5 * (asked * 0.3 * 0.7) ** 0.5)
        assert (set(promoted), set(rolled_back)) == ({v2}, {v1})
        assert refused.status_code == 422
        assert f"version {v3} was not loaded: " in refused.json()["error"]
        metrics = httpx.get(f"{url}/metrics").text
        assert f'model_version="{v2}"' in metrics

    assert list(temporary.glob("stillroom-state-*")) == []


@pytest.mark.slow
def test_a_declared_version_that_cannot_be_loaded_ends_the_service_with_one_sentence(flights: Built) -> None:
    variables = {"BENTOML_HOME": str(flights.home), "STILLROOM_SERVING_VERSIONS": "v9"}

    with (
        pytest.raises(RuntimeError, match=rf"\nversion v9 of {NAME} is not in the model store[^\n]+\n$"),
        served(flights.bento, variables),
    ):
        pass
