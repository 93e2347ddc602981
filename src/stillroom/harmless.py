"""What is done beside a run must not end it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


@contextmanager
def harmless(what: str) -> Iterator[None]:
    """A run goes on where its recording fails; the log says that ``what`` is not fully recorded, and why."""
    try:
        yield
    except Exception as error:
        logger.warning("%s is not fully recorded: %s: %s", what, type(error).__name__, error)
        logger.debug("The recording failed", exc_info=error)
