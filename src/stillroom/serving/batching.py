"""Gathering requests into one call of the model, where that is worth it.

A request that is alone never waits. A model whose call costs little is called in the event loop, for all requests that
came in the same turn of it; one whose call costs much is called in a thread of its own, and whatever comes while it
runs is gathered for its next call.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from stillroom.serving.admission import too_late
from stillroom.serving.buckets import ROWS, Buckets
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Columns
from stillroom.serving.pieces import Piece, length, together

Predict = Callable[[Columns], np.ndarray]

# What a request costs that is gathered: in the event loop, and where the call is handed to a thread.
LOOP_SECONDS, THREAD_SECONDS = 10e-6, 150e-6
TIMED_CALLS = 7


@dataclass(slots=True)
class _Waiting:
    piece: Piece
    rows: int
    until: float
    answer: asyncio.Future[np.ndarray]


class Batcher:
    """Gathers up to ``max_rows`` rows for each call of ``predict``, in a thread of its own if it is ``threaded``.

    With ``wait_seconds`` a call waits so long for more rows, but only while other requests are known to be on their
    way. Whose turn comes too late is refused, and not run. ``calls`` counts the rows of each call.
    """

    def __init__(
        self, predict: Predict, max_rows: int, threaded: bool, wait_seconds: float = 0.0, calls: Buckets | None = None
    ) -> None:
        self._predict, self._max_rows, self._wait = predict, max_rows, wait_seconds
        self._calls = calls or Buckets(ROWS)
        self._waiting: deque[_Waiting] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stillroom-model") if threaded else None

    def predict(self, piece: Piece, until: float, company: bool) -> asyncio.Future[np.ndarray]:
        """The predictions of a piece of one request.

        ``company`` says whether other requests are on their way. The future raises RefusedError where the piece does
        not fit, or its turn comes after ``until``, of perf_counter.
        """
        asked = _Waiting(piece, length(piece), until, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._worker is None:
            self._worker = asyncio.create_task(self._run(company))
        return asked.answer

    def close(self) -> None:
        """End the thread, once its call has ended."""
        if self._thread:
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
        now = perf_counter()
        for each in batch:
            if each.until < now and not each.answer.done():
                each.answer.set_exception(too_late())
        # Who asked may be gone by now; nobody hears an answer then.
        batch = [each for each in batch if not each.answer.done()]
        if not batch:
            return
        try:
            answers = await self._predictions(together([each.piece for each in batch]))
        except RefusedError as refused:
            await self._refuse(batch, refused)
        except Exception as error:
            _settle(batch, error)
        else:
            self._calls.add(len(answers))
            _answer(batch, answers)

    async def _predictions(self, columns: Columns) -> np.ndarray:
        if self._thread is None:
            return self._predict(columns)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._predict, columns)

    async def _refuse(self, batch: Sequence[_Waiting], refused: RefusedError) -> None:
        """Refuse the one whose piece does not fit; of several each is tried by itself."""
        if len(batch) == 1:
            _settle(batch, refused)
            return
        for each in batch:
            await self._call([each])


def gain(predict: Predict, example: Columns) -> float:
    """The seconds a row that gathering saves, measured; ``example`` holds some rows."""
    one = {name: values[:1] for name, values in example.items()}
    return _median_seconds(predict, one) - _median_seconds(predict, example) / length(example)


def _settle(batch: Sequence[_Waiting], error: Exception) -> None:
    for each in batch:
        if not each.answer.done():
            each.answer.set_exception(error)


def _answer(batch: Sequence[_Waiting], answers: np.ndarray) -> None:
    begin = 0
    for each in batch:
        if not each.answer.done():
            each.answer.set_result(answers[begin : begin + each.rows])
        begin += each.rows


def _median_seconds(predict: Predict, columns: Columns) -> float:
    taken = []
    for _ in range(TIMED_CALLS):
        begun = perf_counter()
        predict(columns)
        taken.append(perf_counter() - begun)
    return float(np.median(taken))
