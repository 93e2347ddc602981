"""The state machine: step after step until a round has ended, its place kept in a file."""

import logging
from collections.abc import Callable, Mapping

from stillroom.loop import live_steps, steps
from stillroom.loop.pipelines import Pipelines
from stillroom.loop.settings import LoopConfig
from stillroom.loop.state import Outcome, State, Step, read, write

logger = logging.getLogger(__name__)
STEPS: Mapping[Step, Callable[[State, LoopConfig, Pipelines], State]] = {
    "monitor": steps.monitor,
    "retrain": steps.retrain,
    "judge": steps.judge,
    "sign": steps.sign,
    "promote": steps.promote,
    "place": live_steps.place,
    "watch": live_steps.watch,
    "settle": live_steps.settle,
}


def run_round(config: LoopConfig, pipelines: Pipelines) -> Outcome:
    """Begin a round, or go on with the one that was cut off, and take it to its end.

    A step that was cut off is done again: each may be, and comes to the same. What a step raises is raised, and the
    state stays before that step.
    """
    state = read(config.state)
    while True:
        logger.info("Loop: %s", state.step)
        state = STEPS[state.step](state, config, pipelines)
        write(state, config.state)
        if state.step == "monitor":
            return state.outcomes[-1]
