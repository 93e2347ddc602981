"""Gathering requests into one call of the model, where that is worth it.

While one call runs in a thread of its own, whatever comes is gathered for the next: a request that is alone never
waits, and batches grow with the load.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from stillroom.serving.admission import too_late
from stillroom.serving.model import Columns, Model

# Handing a call to a thread, concatenating columns and waking those who wait costs about this much a request.
WORTH_SECONDS = 150e-6
TIMED_CALLS = 7


@dataclass(slots=True)
class _Waiting:
    columns: Columns
    rows: int
    until: float
    answer: asyncio.Future[np.ndarray]


class Batcher:
    """Gathers up to ``max_rows`` rows for each call of a model.

    With ``wait_seconds`` a call waits so long for more rows, but only while other requests are known to be on their
    way. Whose turn comes too late is refused, and not run.
    """

    def __init__(self, model: Model, max_rows: int, wait_seconds: float = 0.0) -> None:
        self._model, self._max_rows, self._wait = model, max_rows, wait_seconds
        self._waiting: deque[_Waiting] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stillroom-model")

    async def predict(self, columns: Columns, until: float, company: bool) -> np.ndarray:
        """The predictions of one request's columns.

        ``company`` says whether other requests are on their way. Raises RefusedError where the turn comes after
        ``until``, of perf_counter.
        """
        rows = len(next(iter(columns.values())))
        asked = _Waiting(columns, rows, until, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._worker is None:
            self._worker = asyncio.create_task(self._run(company))
        return await asked.answer

    def close(self) -> None:
        """End the thread, once its call has ended."""
        self._thread.shutdown(wait=False)

    async def _run(self, company: bool) -> None:
        try:
            if company and self._wait:
                await self._gather()
            while self._waiting:
                await self._call(self._batch())
        finally:
            self._worker = None

    async def _gather(self) -> None:
        # Event loops keep time in milliseconds: shorter waits are turns given to whoever is ready.
        until = perf_counter() + self._wait
        while perf_counter() < until and sum(each.rows for each in self._waiting) < self._max_rows:
            await asyncio.sleep(0)

    def _batch(self) -> list[_Waiting]:
        batch = [self._waiting.popleft()]
        rows = batch[0].rows
        while self._waiting and rows + self._waiting[0].rows <= self._max_rows:
            batch.append(self._waiting.popleft())
            rows += batch[-1].rows
        return batch

    async def _call(self, batch: Sequence[_Waiting]) -> None:
        for each in batch:
            if each.until < perf_counter() and not each.answer.done():
                each.answer.set_exception(too_late())
        # Who asked may be gone by now; nobody hears an answer then.
        batch = [each for each in batch if not each.answer.done()]
        if not batch:
            return
        loop = asyncio.get_running_loop()
        try:
            columns = _together([each.columns for each in batch])
            answers = await loop.run_in_executor(self._thread, self._model.predict, columns)
        except Exception as error:
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        begin = 0
        for each in batch:
            if not each.answer.done():
                each.answer.set_result(answers[begin : begin + each.rows])
            begin += each.rows


def pays_off(model: Model, example: Columns) -> bool:
    """Whether gathering requests makes the model enough faster, measured: ``example`` holds some rows."""
    one = {name: values[:1] for name, values in example.items()}
    rows = len(next(iter(example.values())))
    return _median_seconds(model, one) - _median_seconds(model, example) / rows > WORTH_SECONDS


def _together(parts: Sequence[Columns]) -> Columns:
    return parts[0] if len(parts) == 1 else {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def _median_seconds(model: Model, columns: Columns) -> float:
    taken = []
    for _ in range(TIMED_CALLS):
        begun = perf_counter()
        model.predict(columns)
        taken.append(perf_counter() - begun)
    return float(np.median(taken))
