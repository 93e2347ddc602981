import asyncio
import json
import threading
from time import perf_counter

import numpy as np
import pytest

from serving import onnx_models
from stillroom.serving.batching import Batcher, gain
from stillroom.serving.buckets import ROWS, Buckets
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Columns, Model
from stillroom.serving.pieces import together
from stillroom.serving.reader import Reader
from stillroom.serving.records import Records

READER = Reader(Model(onnx_models.binary()).signature, max_rows=10, chunk_rows=10)


class Slow(Model):
    """A real model whose calls wait until they are let go, and are written down."""

    def __init__(self) -> None:
        super().__init__(onnx_models.binary())
        self.rows: list[int] = []
        self.go = threading.Event()

    def predict(self, columns: Columns) -> np.ndarray:
        self.go.wait(60)
        self.rows.append(len(columns["hour"]))
        return super().predict(columns)


def columns(*hours: float) -> dict[str, np.ndarray]:
    numbers = np.array(hours, np.float32).reshape(-1, 1)
    texts = np.full((len(hours), 1), "UA", object)
    return {"distance": numbers, "hour": numbers, "carrier": texts, "origin": texts}


def later() -> float:
    return perf_counter() + 60


def test_requests_that_come_while_the_model_is_busy_share_its_next_call_and_each_gets_its_own_answer() -> None:
    model = Slow()
    asked = [columns(1.0), columns(2.0, 3.0), columns(4.0), columns(5.0)]

    async def ask() -> list[np.ndarray]:
        batcher = Batcher(model.predict, max_rows=3, threaded=True)
        first = batcher.predict(asked[0], later(), company=False)
        await asyncio.sleep(0.05)
        others = [batcher.predict(each, later(), company=True) for each in asked[1:]]
        await asyncio.sleep(0.05)
        model.go.set()
        return await asyncio.gather(first, *others)

    answers = asyncio.run(ask())
    assert model.rows == [1, 3, 1]
    alone = Model(onnx_models.binary())
    for given, answer in zip(asked, answers, strict=True):
        np.testing.assert_array_equal(answer, alone.predict(given))


def test_a_call_waits_for_company_only_where_some_is_on_its_way() -> None:
    async def calls(company: bool) -> list[int]:
        model = Slow()
        model.go.set()
        batcher = Batcher(model.predict, max_rows=2, threaded=True, wait_seconds=5.0)
        first = batcher.predict(columns(1.0), later(), company)
        if not company:
            await first
        await asyncio.gather(first, batcher.predict(columns(2.0), later(), company))
        return model.rows

    assert asyncio.run(calls(company=True)) == [2]
    assert asyncio.run(calls(company=False)) == [1, 1]


def test_whose_turn_comes_too_late_is_refused_and_not_run() -> None:
    model = Slow()

    async def ask() -> tuple[np.ndarray, BaseException]:
        batcher = Batcher(model.predict, max_rows=8, threaded=True)
        first = batcher.predict(columns(1.0), later(), company=False)
        await asyncio.sleep(0.05)
        second = batcher.predict(columns(2.0), perf_counter(), company=True)
        await asyncio.sleep(0.05)
        model.go.set()
        done = await asyncio.gather(first, second, return_exceptions=True)
        return done[0], done[1]

    answer, refused = asyncio.run(ask())
    assert len(answer) == 1
    assert isinstance(refused, RefusedError)
    assert (refused.status, refused.retry_after) == (503, 1)
    assert model.rows == [1]


def test_a_request_whose_client_left_is_not_run() -> None:
    model = Slow()

    async def ask() -> None:
        batcher = Batcher(model.predict, max_rows=8, threaded=True)
        first = batcher.predict(columns(1.0), later(), company=False)
        await asyncio.sleep(0.05)
        gone = batcher.predict(columns(2.0), later(), company=True)
        await asyncio.sleep(0.05)
        gone.cancel()
        model.go.set()
        await first
        assert len(await batcher.predict(columns(3.0), later(), company=False)) == 1

    asyncio.run(ask())
    assert model.rows == [1, 1]


def test_a_failing_call_fails_those_who_asked_and_nobody_after_them() -> None:
    model = Slow()
    model.go.set()

    async def ask() -> np.ndarray:
        batcher = Batcher(model.predict, max_rows=8, threaded=True)
        with pytest.raises(Exception, match="Missing Input"):
            await batcher.predict({"hour": np.zeros((1, 1), np.float32)}, later(), company=False)
        return await batcher.predict(columns(3.0), later(), company=False)

    assert len(asyncio.run(ask())) == 1


def records(*hours: float) -> Records:
    body = json.dumps({"rows": [{"hour": hour, "distance": hour, "carrier": "UA", "origin": "UA"} for hour in hours]})
    (piece,) = READER.records(body.encode()) or ()
    return piece


def test_requests_of_one_turn_of_the_loop_share_a_call_in_it() -> None:
    model = Slow()
    model.go.set()
    asked = [records(1.0), records(2.0, 3.0), columns(4.0), records(5.0)]

    async def ask() -> list[np.ndarray]:
        batcher = Batcher(model.predict, max_rows=4, threaded=False)
        return await asyncio.gather(*[batcher.predict(each, later(), company=True) for each in asked])

    answers = asyncio.run(ask())
    assert model.rows == [4, 1]
    alone = Model(onnx_models.binary())
    for given, answer in zip(asked, answers, strict=True):
        np.testing.assert_array_equal(answer, alone.predict(together([given])))


def test_the_rows_of_each_call_are_counted() -> None:
    model, calls = Slow(), Buckets(ROWS)
    model.go.set()

    async def ask() -> None:
        batcher = Batcher(model.predict, max_rows=4, threaded=False, calls=calls)
        asked = [columns(1.0), columns(2.0, 3.0, 4.0), columns(5.0)]
        await asyncio.gather(*[batcher.predict(each, later(), company=True) for each in asked])

    asyncio.run(ask())
    assert dict(zip(ROWS, calls.counts, strict=False)) == dict.fromkeys(ROWS, 0) | {4: 1, 1: 1}


def test_of_requests_gathered_only_the_one_that_does_not_fit_is_refused() -> None:
    model = Slow()
    model.go.set()

    async def ask() -> list[np.ndarray | BaseException]:
        batcher = Batcher(model.predict, max_rows=8, threaded=False)
        asked = [records(1.0), records(2.0, 1e39), records(3.0)]
        futures = [batcher.predict(each, later(), company=True) for each in asked]
        return await asyncio.gather(*futures, return_exceptions=True)

    first, second, third = asyncio.run(ask())
    assert isinstance(first, np.ndarray)
    assert isinstance(third, np.ndarray)
    assert isinstance(second, RefusedError)
    assert second.sentence.startswith("rows[1], column distance: 1e+39 is beyond")


def test_gathering_gains_the_cost_of_a_call_and_not_that_of_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("stillroom.serving.batching.perf_counter", lambda: clock[0])

    def gained(call: float, row: float) -> float:
        def predict(columns: Columns) -> np.ndarray:
            clock[0] += call + row * len(columns["hour"])
            return columns["hour"]

        return gain(predict, columns(*range(16)))

    assert gained(call=0.0016, row=0.0) == pytest.approx(0.0015)
    assert gained(call=0.0, row=0.002) == pytest.approx(0.0)
