"""Two followers of one state stand for two workers."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from serving.model_store import NAME, flip, model_store, released
from stillroom.integrity.keys import make_keys, read_private_key
from stillroom.integrity.signing import sign
from stillroom.serving.errors import RefusedError
from stillroom.serving.follower import Follower
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.shared_state import SharedState
from stillroom.serving.store import VersionStore
from stillroom.serving.watch import Watcher

CONFIG = ServiceConfig(batching="off")


class Service:
    """A service of version ``numbers[0]``, and further versions in its store."""

    def __init__(self, folder: Path, directory: Path) -> None:
        self.folder, self.directory = folder, directory
        self.numbers = [released(seed) for seed in (1, 2, 3)]

    @contextmanager
    def worker(self, name: str, config: ServiceConfig = CONFIG) -> Iterator[Follower]:
        store = VersionStore(f"{NAME}:{self.numbers[0]}", config)
        follower = Follower(store, SharedState(self.directory, store.declared, name))
        try:
            yield follower
        finally:
            follower.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with model_store(tmp_path / "bentoml") as folder:
        yield Service(folder, tmp_path / "state")


@pytest.fixture
def workers(service: Service) -> Iterator[tuple[Follower, Follower]]:
    with ExitStack() as stack:
        first, second = (stack.enter_context(service.worker(name)) for name in ("first", "second"))
        yield first, second


def serves(follower: Follower) -> tuple[str, str | None, float, set[str]]:
    versions = follower.versions
    canary = versions.canary.number if versions.canary else None
    return versions.default.number, canary, versions.canary_share, {each.number for each in versions.loaded}


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_change_asked_of_one_worker_is_followed_by_the_other(
    service: Service, workers: tuple[Follower, Follower]
) -> None:
    (v1, v2, _), (first, second) = service.numbers, workers
    assert serves(second) == (v1, None, 0.0, {v1})

    first.change(lambda state: state.with_canary(v2, 0.25))

    assert serves(first) == (v1, v2, 0.25, {v1, v2})
    wait_until(lambda: serves(second) == serves(first))
    second.change(lambda state: state.with_default(v2))
    wait_until(lambda: serves(first) == (v2, None, 0.0, {v1, v2}))
    first.change(lambda state: state.rolled_back())
    assert first.versions.default.number == v1
    wait_until(lambda: second.versions.default.number == v1)


def test_what_is_declared_is_loaded_at_the_start(service: Service) -> None:
    v1, v2, v3 = service.numbers
    config = CONFIG.model_copy(update={"versions": (v2,), "canary": v3, "canary_share": 0.5})

    with service.worker("first", config) as follower:
        assert serves(follower) == (v1, v3, 0.5, {v1, v2, v3})


def test_a_bad_version_is_refused_and_nothing_changes_anywhere(
    service: Service, workers: tuple[Follower, Follower]
) -> None:
    (v1, v2, v3), (first, second) = service.numbers, workers
    first.change(lambda state: state.with_canary(v2, 0.25))
    wait_until(lambda: {worker["canary"] for worker in first.report()["workers"]} == {v2})
    flip(service.folder / v3 / "model.onnx")
    before = first.report()

    for change in (lambda state: state.with_loaded(v3), lambda state: state.with_default(v3)):
        with pytest.raises(RefusedError, match=f"^version {v3} was not loaded"):
            first.change(change)

    assert serves(first) == (v1, v2, 0.25, {v1, v2})
    assert first.report() == before
    assert v3 not in serves(second)[3]


def test_a_version_that_only_one_worker_cannot_load_is_told_of_and_no_obstacle_to_the_way_back(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    v1, v2, _ = service.numbers
    private, public = make_keys(tmp_path / "keys")
    sign(service.folder / v1, read_private_key(private))
    strict = CONFIG.model_copy(update={"public_key": public})
    with service.worker("first") as first, service.worker("second", strict) as second:
        first.change(lambda state: state.with_default(v2))
        wait_until(lambda: f"version {v2} was not loaded" in caplog.text)
        wait_until(lambda: second.report()["workers"][1]["problems"] != [])

        assert serves(first) == (v2, None, 0.0, {v1, v2})
        assert serves(second) == (v1, None, 0.0, {v1})
        told = [(worker["default"], worker["problems"]) for worker in second.report()["workers"]]
        folder = service.folder / v2
        assert told == [(v2, []), (v1, [f"version {v2} was not loaded: {folder} is not signed: it holds no model.sig"])]

        second.change(lambda state: state.rolled_back())
        assert serves(second)[0] == v1
        sign(folder, read_private_key(private))
        second.change(lambda state: state.with_default(v2))
        assert serves(second) == (v2, None, 0.0, {v1, v2})
        assert second.report()["workers"][1]["problems"] == []


def test_a_worker_that_is_restarted_takes_the_state(service: Service) -> None:
    v1, v2, v3 = service.numbers
    with service.worker("first") as first:
        first.change(lambda state: state.with_default(v2).with_canary(v3, 0.5))
        with service.worker("second") as second:
            assert serves(second) == (v2, v3, 0.5, {v1, v2, v3})


def test_another_declaration_begins_anew_and_leaves_the_running_workers_alone(service: Service) -> None:
    v1, v2, v3 = service.numbers
    with service.worker("first") as first:
        first.change(lambda state: state.with_default(v2))
        with service.worker("other", CONFIG.model_copy(update={"versions": (v3,)})) as other:
            assert serves(other) == (v1, None, 0.0, {v1, v3})
            first.change(lambda state: state.with_loaded(v1))
            assert serves(first) == (v2, None, 0.0, {v1, v2})


def test_a_state_that_is_tidied_away_is_written_again(service: Service, workers: tuple[Follower, Follower]) -> None:
    _, v2, _ = service.numbers
    first, second = workers
    first.change(lambda state: state.with_default(v2))
    wait_until(lambda: serves(second)[0] == v2)

    # At once, since the workers write there all the while.
    service.directory.rename(service.directory.with_name("tidied"))

    wait_until(lambda: len(first.report()["workers"]) == 2)
    assert first.report()["default"] == v2
    with service.worker("third") as third:
        assert serves(third)[0] == v2


def test_a_damaged_state_changes_nothing_and_is_replaced_by_the_next_change(
    service: Service, workers: tuple[Follower, Follower], caplog: pytest.LogCaptureFixture
) -> None:
    _, v2, v3 = service.numbers
    first, second = workers
    first.change(lambda state: state.with_default(v2))
    wait_until(lambda: serves(second)[0] == v2)

    (service.directory / "versions.json").write_text("{")

    wait_until(lambda: "is no state and was passed over" in caplog.text)
    assert (serves(first)[0], serves(second)[0]) == (v2, v2)
    second.change(lambda state: state.with_loaded(v3))
    wait_until(lambda: v3 in serves(first)[3])
    assert serves(first)[0] == v2


def test_the_note_of_a_dead_worker_is_removed(service: Service, workers: tuple[Follower, Follower]) -> None:
    dead = service.directory / "worker-dead.json"
    dead.write_text("{}")
    os.utime(dead, (0, 0))

    assert [worker["worker"] for worker in workers[0].report()["workers"]] == ["first", "second"]
    assert not dead.exists()


def test_a_version_that_is_let_go_writes_its_last_profile(service: Service, tmp_path: Path) -> None:
    v1, v2, _ = service.numbers
    profiles = tmp_path / "profiles"
    store = VersionStore(
        f"{NAME}:{v1}", CONFIG, watch=lambda signature, number: Watcher(signature, profiles, CONFIG, version=number)
    )
    follower = Follower(store, SharedState(service.directory, store.declared))
    follower.change(lambda state: state.with_loaded(v2))
    for number in (v1, v2):
        version = follower.versions.pick(number)
        (piece,) = version.reader.rows([{"hour": 1}])
        version.predict(piece)

    follower.change(lambda state: state.without(v2))
    assert [path.name.startswith(f"flights-{v2}-") for path in profiles.glob("*.bin")] == [True]

    follower.close()
    assert len(list(profiles.glob("*.bin"))) == 2
