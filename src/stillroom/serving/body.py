"""Reading a request's body, never more of it than declared."""

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from stillroom.serving.errors import RefusedError


async def read_body(declared: bytes | None, receive: Receive, longest: int) -> bytes:
    """The whole body of at most ``longest`` bytes; ``declared`` is its header `content-length`.

    Raises RefusedError for a body that is, or says it will be, longer; ClientDisconnect where the client left before
    the end.
    """
    if declared is not None and int(declared) > longest:
        raise _too_long(longest)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body = message.get("body", b"")
        if len(body) > longest:
            raise _too_long(longest)
        return body
    return await _gather(message, receive, longest)


async def _gather(message: Message, receive: Receive, longest: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > longest:
            raise _too_long(longest)
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


def _too_long(longest: int) -> RefusedError:
    return RefusedError(413, f"the body is longer than the {longest} bytes that one request may hold")
