"""The steps that Kedro's pipelines do: from the monitoring to a new champion and its Bento."""

import datetime as dt
from typing import Any

from click import ClickException

from stillroom.config import ConfigError
from stillroom.loop.pipelines import Pipelines
from stillroom.loop.settings import LoopConfig
from stillroom.loop.state import State
from stillroom.table.errors import NothingLiveError


def monitor(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Take in new rows, watch the champion on them, and go by what the monitoring decides."""
    champion = pipelines.load("champion").tag
    if champion is None:
        raise ClickException("there is no champion to watch yet: `kedro run` makes the first")
    try:
        pipelines.run("prepare")
        pipelines.run("monitor", tags=("watch",) if config.live == "watch" else ())
    except Exception as error:
        if isinstance(error, NothingLiveError) or isinstance(error.__cause__, NothingLiveError):
            return state.ended("healthy", ["No row has come since the champion was made."], champion)
        raise
    decision = pipelines.load("decision")
    if decision.verdict == "healthy":
        return state.ended("healthy", decision.reasons, champion)
    if decision.verdict == "warn":
        return state.ended("warned", decision.reasons, champion)
    window = decision.window.model_dump(mode="json", exclude={"kind"})
    if wait := _waits(state, config, window):
        return state.ended("warned", [*decision.reasons, wait], champion)
    return state.then("retrain", champion=champion, window=window, reasons=decision.reasons)


def retrain(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Train and compress on the window."""
    return _unless_refused(state, pipelines, "prepare", "train", "compress") or state.then("judge")


def judge(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Choose by the budget, and hold the choice against the champion on the newest labelled rows."""
    if refused := _unless_refused(state, pipelines, "release", tags=("judge",)):
        return refused
    verdict = pipelines.load("gate_verdict")
    if not verdict.promoted:
        return state.ended("kept", [_gate_sentence(verdict)], state.champion)
    return state.then("sign", reasons=[*state.reasons, _gate_sentence(verdict)])


def sign(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Add the new version to the model store."""
    pipelines.run("release", tags=("sign",), window=state.window)
    return state.then("promote")


def promote(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Make it champion and build its Bento; where no service is declared, the round ends here."""
    pipelines.run("release", tags=("promote",), window=state.window)
    state = state.then("place", challenger=pipelines.load("champion").tag)
    if not config.canary.services:
        return state.ended("promoted", state.reasons, state.challenger)
    return state


def _waits(state: State, config: LoopConfig, window: dict[str, Any]) -> str:
    """Why a training so soon after the last would be in vain; empty where it would not."""
    if state.attempted is None:
        return ""
    new = (dt.date.fromisoformat(window["live"]) - state.attempted).days
    if new >= config.new_days:
        return ""
    return f"The last attempt knew all but {new} of the labelled days; the next waits for {config.new_days} new ones."


def _unless_refused(state: State, pipelines: Pipelines, *names: str, tags: tuple[str, ...] = ()) -> State | None:
    """Run pipelines on the window; the end of the round where the data or the budget does not allow it."""
    try:
        pipelines.run(*names, tags=tags, window=state.window)
    except ConfigError:
        raise
    except ClickException as error:
        return state.ended("kept", [f"No challenger could be made: {error.message}"], state.champion)
    return None


def _gate_sentence(verdict: Any) -> str:
    if verdict.gain is None:
        return f"The gate: {verdict.reason}."
    gain = f"{verdict.metric} {verdict.gain:+.4f}, {verdict.low:+.4f} to {verdict.high:+.4f}"
    return f"The gate: {verdict.reason} ({gain})."
