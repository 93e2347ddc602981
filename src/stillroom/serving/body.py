"""Reading a request's body, never more of it than declared, and not for ever."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from stillroom.serving.errors import RefusedError


async def read_body(declared: bytes | None, receive: Receive, longest: int, patience: float | None) -> bytes:
    """The whole body of at most ``longest`` bytes; ``declared`` is its header `content-length`.

    ``patience`` None is for a body that is known to be there already, since a time-out costs more than reading it.

    Raises RefusedError for a body that is, or says it will be, longer, or is not there within ``patience`` seconds;
    ClientDisconnect where the client left before the end.
    """
    if declared is not None and int(declared) > longest:
        raise _too_long(longest)
    if patience is None:
        return await _gather(receive, longest)
    try:
        async with asyncio.timeout(patience):
            return await _gather(receive, longest)
    except TimeoutError:
        raise RefusedError(408, f"the body did not come within {patience:g} s") from None


async def _gather(receive: Receive, longest: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > longest:
            raise _too_long(longest)
        if not message.get("more_body"):
            return b"".join(chunks)


def _too_long(longest: int) -> RefusedError:
    return RefusedError(413, f"the body is longer than the {longest} bytes that one request may hold")
