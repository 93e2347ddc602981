import asyncio
import threading
from time import perf_counter

import numpy as np
import pytest

from serving import onnx_models
from stillroom.serving.batching import Batcher, pays_off
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Columns, Model


class Slow(Model):
    """A real model whose calls wait until they are let go, and are written down."""

    def __init__(self) -> None:
        super().__init__(onnx_models.binary())
        self.rows: list[int] = []
        self.go = threading.Event()

    def predict(self, columns: Columns) -> np.ndarray:
        self.go.wait(5)
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
        batcher = Batcher(model, max_rows=3)
        first = asyncio.create_task(batcher.predict(asked[0], later(), company=False))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(batcher.predict(each, later(), company=True)) for each in asked[1:]]
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
        batcher = Batcher(model, max_rows=2, wait_seconds=5.0)
        first = asyncio.create_task(batcher.predict(columns(1.0), later(), company))
        if not company:
            await first
        await asyncio.gather(first, batcher.predict(columns(2.0), later(), company))
        return model.rows

    assert asyncio.run(calls(company=True)) == [2]
    assert asyncio.run(calls(company=False)) == [1, 1]


def test_whose_turn_comes_too_late_is_refused_and_not_run() -> None:
    model = Slow()

    async def ask() -> tuple[np.ndarray, BaseException]:
        batcher = Batcher(model, max_rows=8)
        first = asyncio.create_task(batcher.predict(columns(1.0), later(), company=False))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(batcher.predict(columns(2.0), perf_counter(), company=True))
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
        batcher = Batcher(model, max_rows=8)
        first = asyncio.create_task(batcher.predict(columns(1.0), later(), company=False))
        await asyncio.sleep(0.05)
        gone = asyncio.create_task(batcher.predict(columns(2.0), later(), company=True))
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
        batcher = Batcher(model, max_rows=8)
        with pytest.raises(Exception, match="Missing Input"):
            await batcher.predict({"hour": np.zeros((1, 1), np.float32)}, later(), company=False)
        return await batcher.predict(columns(3.0), later(), company=False)

    assert len(asyncio.run(ask())) == 1


def test_gathering_pays_off_for_a_model_whose_call_costs_much_and_whose_rows_cost_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("stillroom.serving.batching.perf_counter", lambda: clock[0])

    def paid(call: float, row: float) -> bool:
        class Timed(Slow):
            def predict(self, columns: Columns) -> np.ndarray:
                clock[0] += call + row * len(columns["hour"])
                return super().predict(columns)

        model = Timed()
        model.go.set()
        return pays_off(model, columns(*range(16)))

    assert paid(call=0.002, row=0.0)
    assert paid(call=0.0002, row=0.002)
    assert not paid(call=0.0001, row=0.0)
    assert not paid(call=0.0, row=0.002)
