"""Whoever wants to follow a fit, and to end it before its time: a search that gives up a teacher that falls behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[str, int, dict[str, float]], bool]
"""Told the stage, the epoch and its figures, says whether the fit shall end."""

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


class StoppedError(Exception):
    """A fit was ended by who watched it."""


@contextmanager
def watched(by: Watcher | None) -> Iterator[None]:
    """While this lasts, ``by`` is told of every epoch of the fits in this process; it sees no other process."""
    token = _watcher.set(by)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(stage: str, epoch: int, figures: dict[str, float]) -> None:
    """An epoch is over. Raises StoppedError where the fit shall end."""
    watcher = _watcher.get()
    if watcher is not None and watcher(stage, epoch, figures):
        raise StoppedError(f"{stage} was ended after epoch {epoch}")
