"""The decoder's process: what ends it, ends no service, and while it decodes, others are answered."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pytest

from serving import onnx_models
from serving.formats.asking import ROWS, ask, in_json
from serving.formats.tables import PARQUET, STREAM, TABLE, read, written
from serving.loopback import app_of, loopback
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.decoding import SHARED, in_turn


def fork() -> int:
    """The process that decodes, forked from the one that the service started; 0 between two."""
    assert SHARED._process
    keeper = SHARED._process.pid
    return int(Path(f"/proc/{keeper}/task/{keeper}/children").read_text() or 0)


def until(reached: Callable[[], bool]) -> None:
    while not reached():
        time.sleep(0.01)


def test_a_body_that_ends_the_decoder_is_refused_and_the_next_one_answered() -> None:
    # Arrow's reader panics at a null byte in a name, behind an interface that no panic may cross.
    fatal = written(pa.table({"hour": [1.0]}), STREAM).replace(b"hour", b"ho\0r")
    ask(written(TABLE, STREAM), STREAM)
    before = fork()

    refused = ask(fatal, STREAM)
    answered = ask(written(TABLE, STREAM), STREAM)

    assert fork() != before
    assert refused.status_code == 400
    sentence = "the body is not an Arrow IPC stream that can be read: its decoder gave up on it"
    assert refused.json() == {"error": sentence}
    assert (read(answered.content, STREAM)["prediction"].to_numpy() == in_json()).all()


def test_a_decoder_that_was_ended_while_it_had_nothing_to_do_is_replaced_unnoticed() -> None:
    ask(written(TABLE, STREAM), STREAM)
    before = fork()

    os.kill(before, signal.SIGKILL)
    until(lambda: fork() not in (0, before))

    assert ask(written(TABLE, STREAM), STREAM).status_code == 200


def test_the_decoder_ends_with_its_service() -> None:
    ask(written(TABLE, STREAM), STREAM)
    process, connection = SHARED._process, SHARED._connection
    assert process
    assert connection

    connection.close()
    SHARED._connection = None

    assert process.wait(timeout=30) == 0


def test_a_small_request_is_answered_while_a_table_is_decoded() -> None:
    table = written(pa.table({"hour": np.arange(5_000.0)}), PARQUET)
    ask(table, PARQUET)
    busy = fork()
    os.kill(busy, signal.SIGSTOP)
    with loopback(app_of(onnx_models.binary())) as address, ThreadPoolExecutor(1) as other:
        url, headers = f"http://{address}/predict", {"content-type": PARQUET}
        try:
            waiting = other.submit(httpx.post, url, content=table, headers=headers, timeout=60)
            until(SHARED._lock.locked)

            small = httpx.post(url, json={"rows": ROWS}, timeout=60)

            assert small.status_code == 200
            assert SHARED._lock.locked()
        finally:
            os.kill(busy, signal.SIGCONT)
        assert read(waiting.result().content, PARQUET).num_rows == 5_000


def test_a_table_whose_turn_comes_too_late_is_refused_and_not_decoded() -> None:
    with pytest.raises(RefusedError, match="did not come in time") as refused:
        asyncio.run(in_turn(pytest.fail, until=0.0))

    assert refused.value.status == 503
    assert refused.value.retry_after
