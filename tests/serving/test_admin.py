"""The admin routes over HTTP, in front of one worker's versions."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from serving.loopback import loopback
from serving.model_store import NAME, flip, model_store, released
from stillroom.serving.admin import admin_routes
from stillroom.serving.app import App, routes
from stillroom.serving.follower import Follower
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.shared_state import SharedState
from stillroom.serving.store import VersionStore

TOKEN = "a token that nobody guesses"
CONFIG = ServiceConfig(batching="off", admin_token=TOKEN)


class Service:
    """Version ``numbers[0]`` behind HTTP, with two more in the store."""

    def __init__(self, folder: Path, follower: Follower, numbers: list[str], client: httpx.Client) -> None:
        self.folder, self.follower, self.numbers, self.client = folder, follower, numbers, client

    def ask(self, call: str, **body: object) -> httpx.Response:
        return self.client.post(f"/admin/versions/{call}", json=body)

    def answering(self, **headers: str) -> str:
        answer = self.client.post("/predict", json={"rows": [{"hour": 7}]}, headers=headers)
        return answer.json()["model"].partition(":")[2]


def served(home: Path, state: Path, config: ServiceConfig) -> Iterator[Service]:
    with model_store(home) as folder:
        numbers = [released(seed) for seed in (1, 2, 3)]
        store = VersionStore(f"{NAME}:{numbers[0]}", config)
        follower = Follower(store, SharedState(state, store.declared))
        predictor = Predictor(follower.versions, config)
        app = App(PlainTextResponse("behind"))
        app.open([*routes(predictor, config), *admin_routes(follower, config)], predictor.metrics)
        authorised = {"authorization": f"Bearer {TOKEN}"}
        with loopback(app) as address, httpx.Client(base_url=f"http://{address}", headers=authorised) as client:
            yield Service(folder, follower, numbers, client)
        follower.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    yield from served(tmp_path / "bentoml", tmp_path / "state", CONFIG)


@pytest.fixture
def closed_service(tmp_path: Path) -> Iterator[Service]:
    yield from served(tmp_path / "bentoml", tmp_path / "state", ServiceConfig(batching="off"))


def test_a_version_becomes_canary_then_default_and_is_rolled_back(service: Service) -> None:
    v1, v2, _ = service.numbers

    assert service.ask("load", version=v2, canary=1).json()["canary"] == v2
    assert service.answering() == v2
    assert service.ask("load", version=v2, default=True).json()["canary"] is None
    assert service.answering() == v2
    assert service.ask("rollback").json()["default"] == v1
    assert service.answering() == v1


def test_a_version_that_is_only_loaded_answers_who_pins_it(service: Service) -> None:
    v1, v2, _ = service.numbers
    service.ask("load", version=v2)

    assert service.answering() == v1
    assert service.answering(**{"x-model-version": v2}) == v2
    pinned = service.client.post(f"/versions/{v2}/predict", json={"rows": [{}]})
    assert pinned.json()["model"] == f"{NAME}:{v2}"
    service.ask("unload", version=v2)
    refused = service.client.post(f"/versions/{v2}/predict", json={"rows": [{}]})
    assert (refused.status_code, refused.json()) == (
        404,
        {"error": f"version {v2} is not loaded; loaded are: {v1}"},
    )


def test_the_answer_tells_the_state_and_what_each_worker_serves(service: Service) -> None:
    v1, v2, _ = service.numbers
    changed = service.ask("load", version=v2, canary=0.25)

    told = service.client.get("/admin/versions")

    worker = told.json()["answered_by"]
    serves = {"default": v1, "canary": v2, "canary_share": 0.25, "loaded": [v1, v2]}
    assert told.json() == changed.json()
    assert told.json() == {
        "model": NAME,
        **serves,
        "former": [],
        "answered_by": worker,
        "workers": [{"worker": worker, **serves, "problems": []}],
    }


@pytest.mark.parametrize("authorization", ["", f"Basic {TOKEN}", "Bearer x"])
def test_without_the_token_nothing_is_told_or_changed(service: Service, authorization: str) -> None:
    v1, v2, _ = service.numbers
    headers = {"authorization": authorization}

    for answer in (
        service.client.get("/admin/versions", headers=headers),
        service.client.post("/admin/versions/load", json={"version": v2, "default": True}, headers=headers),
    ):
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["error"].startswith("send the token of STILLROOM_SERVING_ADMIN_TOKEN")
    assert service.answering() == v1


def test_where_no_token_is_declared_the_routes_are_closed(closed_service: Service) -> None:
    for call in ("load", "unload", "rollback"):
        answer = closed_service.ask(call, version=closed_service.numbers[1])

        assert answer.status_code == 403
        assert answer.json() == {
            "error": "the admin routes are closed; set STILLROOM_SERVING_ADMIN_TOKEN to open them to who has that token"
        }
    assert closed_service.client.get("/admin/versions").status_code == 403


@pytest.mark.parametrize(
    ("call", "body", "status", "sentence"),
    [
        ("load", b"{", 400, "the body is not valid JSON"),
        ("load", b"[]", 422, "the body: Input should be a valid dictionary"),
        ("load", b"{}", 422, "version: Field required"),
        ("load", b'{"version": "v1", "share": 1}', 422, "share: Extra inputs are not permitted"),
        ("load", b'{"version": "../v1"}', 422, "version: String should match pattern"),
        ("load", b'{"version": "v1", "canary": 1.5}', 422, "canary: Input should be less than or equal to 1"),
        ("load", b'{"version": "v1"}', 404, "version v1 of stillroom_flights is not in the model store"),
        ("load", b'{"version": "v1", "canary": true}', 422, "canary: Input should be a valid number"),
        ("load", b'{"version": "v1", "default": true, "canary": 1}', 422, "a version is the default or the canary"),
        ("load", b" " * 10_001, 413, "the body is longer than the 10000 bytes"),
        ("unload", b'{"version": "v1"}', 404, "version v1 is not loaded"),
        ("rollback", b"", 409, "there is neither a canary to stop nor a default before this one to go back to"),
    ],
)
def test_a_bad_call_gets_one_sentence(service: Service, call: str, body: bytes, status: int, sentence: str) -> None:
    answer = service.client.post(f"/admin/versions/{call}", content=body)

    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert sentence in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_a_tampered_version_is_refused_and_the_others_go_on(service: Service) -> None:
    v1, v2, v3 = service.numbers
    service.ask("load", version=v2, canary=1)
    flip(service.folder / v3 / "model.onnx")

    answer = service.ask("load", version=v3, default=True)

    assert answer.status_code == 422
    assert "model.onnx is not the file that was saved" in answer.json()["error"]
    assert service.answering() == v2
    assert service.client.get("/admin/versions").json()["loaded"] == [v1, v2]


def test_a_state_that_cannot_be_written_is_told_and_changes_nothing(service: Service, tmp_path: Path) -> None:
    v1, v2, _ = service.numbers
    service.follower.close()
    for path in (tmp_path / "state").iterdir():
        path.unlink()
    (tmp_path / "state").rmdir()
    (tmp_path / "state").write_text("a file in its place")

    answer = service.ask("load", version=v2, default=True)

    assert answer.status_code == 503
    assert answer.json()["error"].startswith("the shared state cannot be read or written")
    assert service.answering() == v1
