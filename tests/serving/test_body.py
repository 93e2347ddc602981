import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from stillroom.serving.body import read_body
from stillroom.serving.errors import RefusedError


def sent(*messages: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(60)
        return waiting.pop(0)

    return receive


def part(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_that_does_not_come_is_waited_for_only_so_long() -> None:
    for receive in (sent(), sent(part(b'{"rows', True))):
        with pytest.raises(RefusedError, match=r"did not come within 0.05 s") as refused:
            asyncio.run(read_body(b"100", receive, 200, patience=0.05))
        assert refused.value.status == 408


def test_a_client_that_leaves_ends_the_reading() -> None:
    with pytest.raises(ClientDisconnect):
        asyncio.run(read_body(b"100", sent(part(b"x", True), {"type": "http.disconnect"}), 200, patience=5))


def test_a_body_that_says_it_is_too_long_is_refused_unread() -> None:
    with pytest.raises(RefusedError, match="longer than the 10 bytes"):
        asyncio.run(read_body(b"11", sent(), 10, patience=5))
