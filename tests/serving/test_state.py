import pytest

from stillroom.serving.errors import RefusedError
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.state import State

STATE = State.declared_by("stillroom_t:v1", ServiceConfig())


def parts(state: State) -> tuple[str, str | None, float, tuple[str, ...]]:
    return state.default, state.canary, state.canary_share, state.loaded


def test_a_service_begins_as_its_settings_declare() -> None:
    config = ServiceConfig(versions=("v2", "v1"), canary="v3", canary_share=0.1)

    assert parts(State.declared_by("stillroom_t:v1", config)) == ("v1", "v3", 0.1, ("v1", "v2", "v3"))
    assert parts(STATE) == ("v1", None, 0.0, ("v1",))


@pytest.mark.parametrize(
    "other",
    [
        State.declared_by("stillroom_t:v2", ServiceConfig()),
        State.declared_by("stillroom_t:v1", ServiceConfig(versions=("v2",))),
        State.declared_by("stillroom_t:v1", ServiceConfig(canary="v2", canary_share=0.1)),
    ],
)
def test_another_declaration_is_told_apart(other: State) -> None:
    assert other.declared != STATE.declared


def test_a_canary_grows_and_is_promoted() -> None:
    state = STATE.with_canary("v2", 0.1).with_canary("v2", 0.5)

    assert parts(state) == ("v1", "v2", 0.5, ("v1", "v2"))
    assert parts(state.with_default("v2")) == ("v2", None, 0.0, ("v1", "v2"))


def test_another_default_leaves_the_canary_alone() -> None:
    assert parts(STATE.with_canary("v2", 0.1).with_default("v3")) == ("v3", "v2", 0.1, ("v1", "v2", "v3"))


def test_a_share_of_nothing_ends_the_canary() -> None:
    assert parts(STATE.with_canary("v2", 0.1).with_canary("v2", 0.0)) == ("v1", None, 0.0, ("v1", "v2"))


def test_rolling_back_stops_the_canary_and_then_goes_back_default_by_default() -> None:
    state = STATE.with_default("v2").without("v1").with_default("v3").with_canary("v4", 0.5)

    answering = []
    for _ in range(3):
        state = state.rolled_back()
        answering.append((state.default, state.canary))

    assert answering == [("v3", None), ("v2", None), ("v1", None)]
    assert "v1" in state.loaded
    with pytest.raises(RefusedError, match="neither a canary to stop nor a default before"):
        state.rolled_back()


def test_naming_the_default_again_is_no_step_to_roll_back() -> None:
    assert STATE.with_default("v1") == STATE


@pytest.mark.parametrize(
    ("number", "status", "sentence"),
    [
        ("v1", 409, "version v1 is the default and cannot be unloaded"),
        ("v2", 409, "version v2 is the canary and cannot be unloaded"),
        ("v9", 404, "version v9 is not loaded; loaded are: v1, v2, v3"),
    ],
)
def test_a_version_that_answers_is_not_unloaded(number: str, status: int, sentence: str) -> None:
    state = STATE.with_canary("v2", 0.1).with_loaded("v3")

    assert state.without("v3").loaded == ("v1", "v2")
    with pytest.raises(RefusedError, match=sentence) as refused:
        state.without(number)
    assert refused.value.status == status


def test_the_default_is_no_canary() -> None:
    with pytest.raises(RefusedError, match="version v1 is the default; the canary must be another one"):
        STATE.with_canary("v1", 0.1)


def test_only_versions_with_a_new_part_are_new() -> None:
    state = STATE.with_canary("v2", 0.1)

    assert state.new_beside(STATE) == {"v2"}
    assert state.with_canary("v2", 0.2).new_beside(state) == set()
    assert state.with_default("v2").new_beside(state) == {"v2"}
    assert state.rolled_back().new_beside(state) == set()
