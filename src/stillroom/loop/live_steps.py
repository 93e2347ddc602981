"""The steps that try a new champion on live requests, and keep or withdraw it."""

import datetime as dt
import time

import httpx

from stillroom.loop.canary.compare import compare
from stillroom.loop.canary.counts import Counts, counted, since, summed
from stillroom.loop.canary.service import NotLoadedError, Service
from stillroom.loop.pipelines import Pipelines
from stillroom.loop.settings import CanaryConfig, LoopConfig
from stillroom.loop.state import Canary, State
from stillroom.rollback import roll_back

Counted = dict[str, dict[str, Counts]]


def place(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Give the new version its share, and note what was counted until then; one that cannot be loaded is withdrawn."""
    try:
        for service in _services(config.canary):
            service.place(_number(state.challenger), config.canary.share)
    except NotLoadedError as error:
        return state.then("settle", faults=[error.message])
    return state.then("watch", canary=Canary(since=dt.datetime.now(dt.UTC), baseline=_count(config.canary)))


def watch(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Wait until both versions have answered enough requests, then compare; too few in time is a fault."""
    assert state.canary
    canary, settings = state.canary, config.canary
    deadline = canary.since + dt.timedelta(seconds=settings.patience_seconds)
    new, old, trouble = Counts(), Counts(), ""
    while True:
        try:
            for service in _services(settings):
                service.place(_number(state.challenger), settings.share)
            grown = _grown(_count(settings), canary.baseline)
            new, old = (grown.get(_number(tag), Counts()) for tag in (state.challenger, state.champion))
            trouble = ""
        except httpx.HTTPError as error:
            trouble = f" (and at last: {error})"
        if not trouble and min(new.requests, old.requests) >= settings.requests:
            return state.then("settle", faults=compare(new, old, settings))
        if dt.datetime.now(dt.UTC) >= deadline:
            return state.then("settle", faults=[_too_few(new, old, settings) + trouble])
        time.sleep(settings.poll_seconds)


def settle(state: State, config: LoopConfig, pipelines: Pipelines) -> State:
    """Let the new version answer everything, or bring back the champion before it, here and in the services."""
    number = _number(state.challenger)
    if not state.faults:
        for service in _services(config.canary):
            service.promote(number)
        sentence = f"The canary with {config.canary.share:.0%} of the requests was as good as the version before it."
        return state.ended("promoted", [*state.reasons, sentence], state.challenger)
    with pipelines.catalog() as catalog:
        standing = catalog.load("champion")
        if standing.tag == state.challenger:
            standing = roll_back(catalog)
    for service in _services(config.canary):
        service.withdraw(number)
    return state.ended("rolled_back", state.faults, standing.tag)


def _services(config: CanaryConfig) -> list[Service]:
    return [Service(url) for url in config.services]


def _number(tag: str | None) -> str:
    """The second half of a tag, by which services call a version."""
    return (tag or "").partition(":")[2]


def _count(config: CanaryConfig) -> Counted:
    return {service.url: counted(service.metrics()) for service in _services(config)}


def _grown(now: Counted, before: Counted) -> dict[str, Counts]:
    """What all services together have counted since, by version."""
    none = Counts()
    return {
        number: summed(since(now[url].get(number, none), before.get(url, {}).get(number, none)) for url in now)
        for number in {number for counts in now.values() for number in counts}
    }


def _too_few(new: Counts, old: Counts, config: CanaryConfig) -> str:
    return (
        f"Within {config.patience_seconds:g} s the new version answered {new.requests} requests and the one before it "
        f"{old.requests}, of {config.requests} each that a comparison needs"
    )
