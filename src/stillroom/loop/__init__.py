"""From what the monitoring decides to a new champion, or not: one state machine that goes on where it was killed."""

from stillroom.loop.lock import LockedError, lock
from stillroom.loop.machine import run_round
from stillroom.loop.pipelines import Pipelines
from stillroom.loop.settings import LoopConfig
from stillroom.loop.state import Outcome

__all__ = ["LockedError", "LoopConfig", "Outcome", "Pipelines", "lock", "run_round"]
