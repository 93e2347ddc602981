import asyncio
from time import perf_counter

import numpy as np
import pytest

from serving import onnx_models
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Model
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

ROWS = [{"hour": hour, "distance": 1.0} for hour in range(10)]


def predictor(**settings: object) -> tuple[Predictor, Version]:
    config = ServiceConfig.model_validate({"batching": "off", "chunk_rows": 4, "deadline_seconds": 60, **settings})
    version = Version.of("stillroom_t:v1", Model(onnx_models.binary()), config)
    return Predictor(Versions(version), config), version


def test_a_small_request_passes_between_two_pieces_of_a_large_one() -> None:
    asked, version = predictor()
    ended: list[str] = []

    async def ask(name: str, rows: list[dict]) -> np.ndarray:
        answer = await asked.predict(version, version.reader.rows(rows), perf_counter())
        ended.append(name)
        return answer

    async def both() -> list[np.ndarray]:
        return await asyncio.gather(ask("large", ROWS), ask("small", ROWS[:1]))

    large, small = asyncio.run(both())
    assert ended == ["small", "large"]
    assert (len(large), len(small)) == (10, 1)
    assert large[0] == small[0]


def test_more_requests_than_may_wait_are_turned_away_until_others_have_left() -> None:
    asked, version = predictor(max_waiting=2)

    async def ask(times: int) -> list[object]:
        many = [asked.predict(version, version.reader.rows(ROWS), perf_counter()) for _ in range(times)]
        return await asyncio.gather(*many, return_exceptions=True)

    for _ in range(2):
        answers = asyncio.run(ask(3))
        assert [isinstance(answer, np.ndarray) for answer in answers] == [True, True, False]
        assert isinstance(answers[2], RefusedError)
        assert (answers[2].status, answers[2].retry_after) == (503, 1)


def test_a_request_that_takes_too_long_ends_between_two_pieces() -> None:
    asked, version = predictor(deadline_seconds=1e-9)
    assert len(asyncio.run(asked.predict(version, version.reader.rows(ROWS[:4]), perf_counter()))) == 4
    with pytest.raises(RefusedError, match="did not come in time"):
        asyncio.run(asked.predict(version, version.reader.rows(ROWS), perf_counter()))


def test_what_a_request_has_waited_before_counts() -> None:
    asked, version = predictor(deadline_seconds=60)
    with pytest.raises(RefusedError, match="did not come in time"):
        asyncio.run(asked.predict(version, version.reader.rows(ROWS), perf_counter() - 61))


@pytest.mark.parametrize("batching", ["on", "off"])
def test_pieces_are_answered_as_the_whole(batching: str) -> None:
    asked, version = predictor(batching=batching)
    whole = next(predictor(chunk_rows=100)[1].reader.rows(ROWS))
    answer = asyncio.run(asked.predict(version, version.reader.rows(ROWS), perf_counter()))
    np.testing.assert_array_equal(answer, version.model.predict(whole))
